import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";

import { ROOT } from "../../support/program";

/** Runs a process whose work is an expression. */
function ended(work: string) {
  const code = `const { failIfUnfinished } = require("./cli/machine/unfinished.ts");
    failIfUnfinished(${work}).catch(() => { process.exitCode = 3; });`;
  const { status, stderr } = spawnSync(process.execPath, ["--require", "tsx/cjs", "-e", code], {
    cwd: ROOT,
    encoding: "utf8",
  });
  return { status, stderr };
}

describe("a command", () => {
  it("fails if its work waits for what cannot come", () => {
    const { status, stderr } = ended("new Promise(() => {})");
    assert.equal(status, 1);
    assert.match(stderr, /The command ended before its work did/);
  });

  it("ends as its work does otherwise", () => {
    assert.deepEqual(ended("Promise.resolve()"), { status: 0, stderr: "" });
    assert.deepEqual(ended("Promise.reject(new Error())"), { status: 3, stderr: "" });
    assert.equal(ended("new Promise((done) => setTimeout(done, 50))").status, 0);
  });
});
