import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import path from "node:path";

import { isGone, readLocks } from "../../../cli/lock";

const lock = (pid: number, host = hostname()) => ({
  pid,
  username: "somebody",
  hostname: host,
  timestamp: "2026-11-23T10:00:00Z",
});

describe("the holder of a stack's lock", () => {
  it("is gone when its process has ended", async () => {
    const child = spawn("true");
    await once(child, "exit");
    assert.equal(await isGone(lock(child.pid!)), true);
  });

  it("is gone when its number belongs to another program by now", async () => {
    assert.equal(await isGone(lock(process.pid)), true);
  });

  it("is at work while an engine has its number", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "engine-"));
    symlinkSync("/bin/sleep", path.join(folder, "pulumi"));
    const engine = spawn(path.join(folder, "pulumi"), ["30"]);
    try {
      await once(engine, "spawn");
      assert.equal(await isGone(lock(engine.pid!)), false);
    } finally {
      engine.kill();
      rmSync(folder, { recursive: true });
    }
  });

  it("may be at work on another machine", async () => {
    assert.equal(await isGone(lock(1, "elsewhere")), false);
  });

  it("is read from the files that the engine writes", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "locks-"));
    writeFileSync(path.join(folder, "a.json"), JSON.stringify(lock(7)));
    writeFileSync(path.join(folder, "a.json.attrs"), "{}");
    assert.deepEqual(readLocks(folder), [lock(7)]);
    rmSync(folder, { recursive: true });
    assert.deepEqual(readLocks(folder), []);
  });
});
