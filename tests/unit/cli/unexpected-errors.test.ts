import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import path from "node:path";

import { ROOT } from "../support/program";

/** Modules that are a command of their own: to load them is to run them. */
const ENTRY_POINTS = ["main.ts"];

const modules = [
  ...readdirSync(path.join(ROOT, "cli"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !ENTRY_POINTS.includes(name))
    .map((name) => `./cli/${name}`),
  "./components/providers.ts",
  "./program.ts",
  "./migrator/index.ts",
  "./migration-lint/index.ts",
];

function inNode(code: string) {
  return spawnSync(process.execPath, ["--require", "tsx/cjs", "-e", code], {
    cwd: ROOT,
    encoding: "utf8",
  });
}

describe("an error that no command expects", () => {
  it("is not swallowed by a module that was loaded", () => {
    const { stdout, stderr } = inNode(`
      const listeners = () => ["uncaughtException", "unhandledRejection"].map((event) => process.listenerCount(event));
      const found = ${JSON.stringify(modules)}.flatMap((name) => {
        const before = listeners();
        require(name);
        return String(before) === String(listeners()) ? [] : [name];
      });
      console.log(JSON.stringify(found));
      process.exit();`);
    assert.strictEqual(stdout, "[]\n", stderr);
    assert.ok(modules.length > 30, `${modules.length} modules`);
  }).timeout(60_000);

  it("ends the command with its message and exit code 1", () => {
    const { status, stdout, stderr } = inNode(
      'require("./cli/migrations/ledgers.ts"); setTimeout(() => { throw new TypeError("boom") }, 50); setTimeout(() => console.log("still running"), 300)',
    );
    assert.deepStrictEqual([status, stdout], [1, ""]);
    assert.match(stderr, /TypeError: boom/);
  }).timeout(60_000);
});
