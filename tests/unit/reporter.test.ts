import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { timeLines } from "../support/reporter";

describe("the reporter of the suites", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), "learning-platform-reporter-"));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  it("lists files that take a second or more, the slowest first", () => {
    const seconds = new Map([
      ["quick.test.ts", 0.9],
      ["slow.test.ts", 1.04],
      ["slowest.test.ts", 123.45],
    ]);
    assert.deepEqual(timeLines(seconds), [
      "   123.5 s  slowest.test.ts",
      "     1.0 s  slow.test.ts",
    ]);
  });

  it("counts the hooks of a file, and all its suites", () => {
    const file = path.join(directory, "two.test.js");
    const wait = "new Promise((resolve) => setTimeout(resolve, 600))";
    writeFileSync(
      file,
      `describe("one", () => { before(() => ${wait}); it("passes", () => {}); });
       describe("two", () => { it("passes", () => ${wait}); });`,
    );
    const { stdout } = spawnSync(
      process.execPath,
      [
        require.resolve("mocha/bin/mocha.js"),
        ...["--require", "tsx/cjs", "--no-config", "--reporter", "tests/support/reporter.ts", file],
      ],
      { encoding: "utf8" },
    );
    assert.match(stdout, /^ {2}2 passing/m);
    assert.match(stdout, /^ +1\.\d s {2}\S*two\.test\.js$/m);
  });
});
