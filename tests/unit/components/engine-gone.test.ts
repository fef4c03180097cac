import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { ROOT } from "../support/program";

/** Reports errors as Pulumi's processes do: to the engine. */
const SETUP = `
  require(${JSON.stringify(require.resolve("tsx/cjs"))});
  const { endWithEngine, finished } = require(${JSON.stringify(path.join(ROOT, "components/engine-gone.ts"))});
  process.on("uncaughtException", (error) => console.error(error.stack));
  process.on("unhandledRejection", (error) => console.error(error.stack));
  endWithEngine();
  setInterval(() => undefined, 1000);
  console.log("ready");
`;

/** Runs the code in a process with the plugin's name, and hands over the engine's ends of its pipes. */
async function inPlugin<T>(code: string, act: (child: ChildProcess) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(path.join(tmpdir(), "plugin-"));
  const main = path.join(folder, "dynamic-provider", "index.js");
  mkdirSync(path.dirname(main));
  writeFileSync(main, `${SETUP}\n${code}`);
  const child = spawn(process.execPath, [main], { stdio: ["pipe", "pipe", "pipe"] });
  try {
    await once(child.stdout!, "data");
    return await act(child);
  } finally {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true });
  }
}

/** Closes the engine's ends of all pipes, and waits for the process to end. */
async function exitWithoutEngine(child: ChildProcess): Promise<unknown[]> {
  const exit = once(child, "exit");
  for (const pipe of [child.stdin!, child.stdout!, child.stderr!]) {
    pipe.destroy();
  }
  return exit;
}

describe("a process of Pulumi's whose engine is gone", () => {
  const cases: [title: string, code: string][] = [
    ["ends when it is idle", ""],
    ["ends when it has something to print", `setInterval(() => console.log("line"), 50);`],
    [
      "ends when it asks the engine something",
      `setTimeout(() => Promise.reject(Object.assign(new Error("UNAVAILABLE"), { code: 14 })), 300);`,
    ],
  ];
  for (const [title, code] of cases) {
    it(title, () =>
      inPlugin(code, async (child) => {
        assert.deepStrictEqual(await exitWithoutEngine(child), [1, null]);
      }),
    ).timeout(10_000);
  }

  it("finishes the work that it is at, although nobody reads what it prints meanwhile", () =>
    inPlugin(
      `const printing = setInterval(() => console.log("line"), 20);
       finished((gone) => new Promise((done) => setTimeout(() => {
         require("node:fs").writeFileSync(__filename + ".done", String(gone.aborted));
         clearInterval(printing);
         done();
       }, 1500)));`,
      async (child) => {
        assert.deepStrictEqual(await exitWithoutEngine(child), [1, null]);
        assert.equal(readFileSync(`${child.spawnargs[1]}.done`, "utf8"), "true", "it was told");
      },
    )).timeout(10_000);

  it("finishes the work that it is at before", () =>
    inPlugin(
      `finished(() => new Promise((done) => setTimeout(() => { console.log("done"); done(); }, 500)));`,
      async (child) => {
        let printed = "";
        child.stdout!.on("data", (text) => (printed += text));
        const exit = once(child, "exit");
        child.stdin!.destroy();
        assert.deepStrictEqual(await exit, [1, null]);
        assert.match(printed, /done/);
      },
    )).timeout(10_000);
});
