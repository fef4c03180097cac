import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import path from "node:path";
import { setTimeout } from "node:timers/promises";

import { isGone, readLocks } from "../../../../cli/stack/engine-lock";
import { withEnvironment } from "../support/environment";

const lock = (pid: number, host = hostname(), timestamp = new Date().toISOString()) => ({
  pid,
  username: "somebody",
  hostname: host,
  timestamp,
});

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) {
    await setTimeout(20);
  }
}

describe("the holder of a stack's lock", () => {
  it("is gone when its process has ended", async () => {
    const child = spawn("true");
    await once(child, "exit");
    assert.equal(isGone(lock(child.pid!)), true);
  });

  it("is gone when its number belongs to another program by now", () => {
    assert.equal(isGone(lock(process.pid)), true);
  });

  it("is at work while an engine has its number", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "engine-"));
    symlinkSync("/bin/sleep", path.join(folder, "pulumi"));
    const engine = spawn(path.join(folder, "pulumi"), ["30"]);
    try {
      await once(engine, "spawn");
      assert.equal(isGone(lock(engine.pid!)), false);
      // A lock of an hour ago is another engine's, which had the same number (Linux).
      const hourAgo = new Date(Date.now() - 3_600_000).toISOString();
      assert.equal(isGone(lock(engine.pid!, hostname(), hourAgo)), true);
    } finally {
      engine.kill();
      rmSync(folder, { recursive: true });
    }
  });

  it("is judged without ps, which BusyBox answers for all processes and many containers lack", () =>
    withEnvironment({ PATH: "/nowhere" }, () => assert.equal(isGone(lock(process.pid)), true)));

  it("is gone when it was killed and its parent has not noticed yet (Linux)", async () => {
    // The shell becomes sleep, which never asks after its child.
    const parent = spawn("sh", [
      "-c",
      `sh -c 'printf pulumi > /proc/$$/comm; echo $$; kill -9 $$' & exec sleep 30`,
    ]);
    try {
      const [pid] = (await once(parent.stdout, "data")) as [Buffer];
      await until(() => isGone(lock(Number(pid))));
    } finally {
      parent.kill();
    }
  });

  it("may be at work on another machine", () => {
    assert.equal(isGone(lock(1, "elsewhere")), false);
  });

  it("is read from the files that the engine writes", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "locks-"));
    const seven = lock(7);
    writeFileSync(path.join(folder, "a.json"), JSON.stringify(seven));
    writeFileSync(path.join(folder, "a.json.attrs"), "{}");
    assert.deepEqual(readLocks(folder), [seven]);
    rmSync(folder, { recursive: true });
    assert.deepEqual(readLocks(folder), []);
  });
});
