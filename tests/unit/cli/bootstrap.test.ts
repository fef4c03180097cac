import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import path from "node:path";

import { ROOT } from "../support/program";

/** Runs the bootstrap, for an entry that does not exist, by a Node.js that says it is another version. */
function bootstrapOn(version: string) {
  const pretend = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "${version}" } });`;
  const script = JSON.stringify(path.join(ROOT, "cli", "bootstrap.js"));
  return spawnSync(process.execPath, ["-e", `${pretend} require(${script})`], { encoding: "utf8" });
}

describe("the start of every command", () => {
  for (const version of ["18.20.8", "8.0.0"]) {
    it(`refuses Node.js ${version} before it does anything, and names the one that is needed`, () => {
      const { status, stdout, stderr } = bootstrapOn(version);
      assert.strictEqual(stderr, `Node.js 20 or later is needed, this is ${version}.\n`);
      assert.strictEqual(stdout, "");
      assert.strictEqual(status, 1);
    });
  }
});
