import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { PROBE_SCRIPT } from "../../../../components/platform/health-check";

describe("the health check of a container", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "learning-platform-health-"));
    // In place of the real command, so that no test waits.
    writeFileSync(file("sleep"), `#!/bin/sh\necho "$@" >>${file("rests")}\n`);
    chmodSync(file("sleep"), 0o755);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const file = (name: string) => join(folder, name);

  /** Runs one probe of a server as its container does; returns its exit code and the seconds of its rests. */
  function probe(...words: string[]): [code: number | null, rests: number[]] {
    rmSync(file("rests"), { force: true });
    const { status } = spawnSync("sh", ["-c", PROBE_SCRIPT, "probe", file("state"), ...words], {
      env: { ...process.env, PATH: `${folder}:${process.env.PATH}` },
    });
    const rests = existsSync(file("rests")) ? readFileSync(file("rests"), "utf8") : "";
    return [status, rests.split("\n").filter(Boolean).map(Number)];
  }

  /** A command that fails until it has been called so often. */
  const succeedsAt = (call: number) => [
    ...["sh", "-c"],
    `echo >>${file("calls")}; [ "$(wc -l <${file("calls")})" -ge ${call} ]`,
  ];

  it("looks again and again until the server has started", () => {
    assert.deepEqual(probe(...succeedsAt(4)), [0, [0.2, 0.2, 0.2]]);
  });

  it("fails once a server has not started for some seconds, and goes on with the next probe", () => {
    const [code, rests] = probe("false");
    assert.equal(code, 1);
    assert.deepEqual(new Set(rests), new Set([0.2]));
    assert.ok(rests.length > 20 && rests.length < 60, String(rests.length));
    assert.deepEqual(probe(...succeedsAt(2)), [0, [0.2]]);
  });

  it("rests before each further look", () => {
    probe("true");
    assert.deepEqual(probe("true"), [0, [9]]);
    assert.deepEqual(probe("true"), [0, [9]]);
  });

  it("fails at once when a server that was well fails, and looks each second until it is well again", () => {
    probe("true");
    assert.deepEqual(probe("sh", "-c", "exit 7"), [1, [9]]);
    assert.deepEqual(probe("false"), [1, [1]]);
    assert.deepEqual(probe("true"), [0, [1]]);
    assert.deepEqual(probe("true"), [0, [9]]);
  });

  it("takes a look that Docker ends as a failure", () => {
    probe("true");
    probe("sh", "-c", "kill -9 $PPID");
    assert.deepEqual(probe("true"), [0, [1]]);
  });

  it("passes the words of the probe on as they are", () => {
    const [code] = probe(
      "sh",
      "-c",
      `printf '%s\\n' "$@" >${file("words")}`,
      "",
      "a b",
      "$HOME;",
      "'",
    );
    assert.equal(code, 0);
    assert.equal(readFileSync(file("words"), "utf8"), "a b\n$HOME;\n'\n");
  });
});
