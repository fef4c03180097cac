/** Runs drills by their names, one after another: `npm run drills`, `npm run drills -- chaos --minutes 3`. */
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";

import { ROOT } from "../cli/paths";
import { parseDrills } from "./support/drills";

const FOLDER = join("tests", "drills");
const END = ".test.ts";

/** Longest time of one test, in milliseconds; a drill may set its own. */
const TIMEOUT_MS = 1_200_000;

const known = readdirSync(join(ROOT, FOLDER))
  .filter((file) => file.endsWith(END))
  .map((file) => file.slice(0, -END.length))
  .sort();

function main(): void {
  const { names, environment } = parseDrills(process.argv.slice(2), known);
  const child = spawn(
    process.execPath,
    [
      require.resolve("mocha/bin/mocha.js"),
      ...["--require", "tsx/cjs", "--no-config", "--no-color"],
      ...["--reporter", "tests/support/reporter.ts", "--timeout", String(TIMEOUT_MS)],
      ...names.map((name) => join(FOLDER, `${name}${END}`)),
    ],
    { stdio: "inherit", env: { ...process.env, ...environment } },
  );
  // A drill undoes what it did before it ends. Ctrl-C reaches it by itself.
  process.on("SIGINT", () => undefined);
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  child.on("close", (code) => (process.exitCode = code ?? 1));
}

try {
  main();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 2;
}
