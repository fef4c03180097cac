import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { ROOT } from "../support/program";

/** Sets a process up that reports errors as Pulumi's do: to the engine. */
const SETUP = `
  require(${JSON.stringify(require.resolve("tsx/cjs"))});
  const { endPluginWithEngine, uninterrupted } = require(${JSON.stringify(path.join(ROOT, "runtime/engine-lifetime.ts"))});
  process.on("uncaughtException", (error) => console.error(error.stack));
  process.on("unhandledRejection", (error) => console.error(error.stack));
  endPluginWithEngine();
  setInterval(() => undefined, 1000);
  console.log("ready");
`;

/** Runs the code in a process with the plugin's name. The caller holds the engine's ends of its pipes. */
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

describe("a process of Pulumi whose engine is gone", () => {
  const cases: [title: string, code: string][] = [
    ["exits when it is idle", ""],
    ["exits when it prints something", `setInterval(() => console.log("line"), 50);`],
    [
      "exits when it asks the engine something",
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

  it("finishes its work first, even if its output is not read any more", () =>
    inPlugin(
      `const printing = setInterval(() => console.log("line"), 20);
       uninterrupted((gone) => new Promise((done) => setTimeout(() => {
         require("node:fs").writeFileSync(__filename + ".done", String(gone.aborted));
         clearInterval(printing);
         done();
       }, 1500)));`,
      async (child) => {
        assert.deepStrictEqual(await exitWithoutEngine(child), [1, null]);
        assert.equal(
          readFileSync(`${child.spawnargs[1]}.done`, "utf8"),
          "true",
          "the work got the signal",
        );
      },
    )).timeout(10_000);

  it("finishes its work first", () =>
    inPlugin(
      `uninterrupted(() => new Promise((done) => setTimeout(() => { console.log("done"); done(); }, 500)));`,
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

describe("an unexpected error", () => {
  const faults: [title: string, code: string][] = [
    ["thrown", `throw new TypeError("boom");`],
    ["of a rejected promise", `void Promise.reject(new TypeError("boom"));`],
  ];
  for (const [title, code] of faults) {
    it(`${title} ends a plugin whose engine is alive, with its message`, () =>
      inPlugin(
        `uninterrupted(() => new Promise(() => setTimeout(() => { ${code} }, 300)));`,
        async (child) => {
          let printed = "";
          child.stderr!.on("data", (text) => (printed += text));
          assert.deepStrictEqual(await once(child, "close"), [1, null]);
          assert.match(printed, /^TypeError: boom/m);
        },
      )).timeout(10_000);
  }

  it("is printed and ends the process, also if a pipe broke", async () => {
    const { status, stderr } = inNode(`
      require("./runtime/engine-lifetime.ts").endWithEngine();
      setTimeout(() => { throw Object.assign(new Error("write EPIPE"), { code: "EPIPE" }); }, 10);
      setTimeout(() => console.log("still running"), 300);`);
    assert.strictEqual(status, 1);
    assert.match(stderr, /^Error: write EPIPE/m);
  }).timeout(20_000);

  it("ends a process without other listeners, with its message", () => {
    const { status, stdout, stderr } = inNode(`
      require("./runtime/engine-lifetime.ts").endWithEngine();
      setTimeout(() => { throw new TypeError("boom"); }, 10);
      setTimeout(() => console.log("still running"), 300);`);
    assert.deepStrictEqual([status, stdout], [1, ""]);
    assert.match(stderr, /^TypeError: boom/m);
  }).timeout(20_000);

  it("is left to Pulumi's own handlers in the program, which report it to the engine", () => {
    const { status, stdout } = inNode(`
      process.on("uncaughtException", () => (process.exitCode = 32));
      process.on("unhandledRejection", () => (process.exitCode = 32));
      require("./runtime/engine-lifetime.ts").endWithEngine();
      setTimeout(() => { throw new TypeError("boom"); }, 10);
      setTimeout(() => console.log("reported"), 300);`);
    assert.deepStrictEqual([status, stdout], [32, "reported\n"]);
  }).timeout(20_000);
});

/** Runs the code with support for TypeScript modules, from the root of the checkout. */
function inNode(code: string) {
  return spawnSync(process.execPath, ["--require", "tsx/cjs", "-e", code], {
    cwd: ROOT,
    encoding: "utf8",
  });
}
