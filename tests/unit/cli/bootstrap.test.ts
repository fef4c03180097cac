import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { ROOT } from "../support/program";

/** Runs the bootstrap, for an entry that does nothing, by a Node.js that says it is another version. */
function bootstrapOn(version: string) {
  const pretend = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "${version}" } });`;
  const script = JSON.stringify(path.join(ROOT, "cli", "bootstrap.js"));
  const args = ["-e", `${pretend} require(${script})`, "bootstrap", "cli/paths.ts"];
  // No npm is found: a test installs nothing.
  return spawnSync(process.execPath, args, { encoding: "utf8", env: { ...process.env, PATH: "" } });
}

describe("the start of every command", () => {
  for (const version of ["20.18.3", "18.20.8", "8.0.0"]) {
    it(`refuses Node.js ${version} before it does anything, and names the version that is needed`, () => {
      const { status, stdout, stderr } = bootstrapOn(version);
      assert.strictEqual(stderr, `Node.js 20.19 or later is needed, this is ${version}.\n`);
      assert.strictEqual(stdout, "");
      assert.strictEqual(status, 1);
    });
  }

  it("does not install through a link, which would empty the folder of another checkout", () => {
    const root = mkdtempSync(path.join(tmpdir(), "learning-platform-bootstrap-"));
    const other = mkdtempSync(path.join(tmpdir(), "learning-platform-bootstrap-"));
    try {
      mkdirSync(path.join(root, "cli"));
      cpSync(path.join(ROOT, "cli", "bootstrap.js"), path.join(root, "cli", "bootstrap.js"));
      cpSync(path.join(ROOT, "package.json"), path.join(root, "package.json"));
      writeFileSync(path.join(root, "package-lock.json"), "{}");
      symlinkSync(other, path.join(root, "node_modules"));
      const args = [path.join(root, "cli", "bootstrap.js"), "cli/paths.ts"];
      const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
      assert.strictEqual(status, 1);
      assert.match(
        stderr,
        /^node_modules is a link to a folder that is older than package-lock\.json/,
      );
    } finally {
      rmSync(root, { recursive: true });
      rmSync(other, { recursive: true });
    }
  });

  for (const version of ["20.19.0", "22.0.0"]) {
    it(`accepts Node.js ${version}, and runs the entry`, () => {
      const { status, stdout, stderr } = bootstrapOn(version);
      assert.deepStrictEqual({ status, stdout, stderr }, { status: 0, stdout: "", stderr: "" });
    });
  }
});
