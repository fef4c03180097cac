import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import path from "node:path";
import { setTimeout } from "node:timers/promises";

import { hasEnded, readLocks } from "../../../../cli/stack/engine-lock";
import { withEnvironment } from "../support/environment";

const lock = (pid: number, host = hostname(), timestamp = new Date().toISOString()) => ({
  pid,
  username: "user",
  hostname: host,
  timestamp,
});

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) {
    await setTimeout(20);
  }
}

describe("the holder of the engine's lock", () => {
  it("has ended with its process", async () => {
    const child = spawn("true");
    await once(child, "exit");
    assert.equal(hasEnded(lock(child.pid!)), true);
  });

  it("has ended when another program has its process id", () => {
    assert.equal(hasEnded(lock(process.pid)), true);
  });

  it("is alive while an engine has its process id", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "engine-"));
    symlinkSync("/bin/sleep", path.join(folder, "pulumi"));
    const engine = spawn(path.join(folder, "pulumi"), ["30"]);
    try {
      await once(engine, "spawn");
      assert.equal(hasEnded(lock(engine.pid!)), false);
      // A lock from an hour ago belongs to an earlier engine with the same process id (Linux).
      const hourAgo = new Date(Date.now() - 3_600_000).toISOString();
      assert.equal(hasEnded(lock(engine.pid!, hostname(), hourAgo)), true);
    } finally {
      engine.kill();
      rmSync(folder, { recursive: true });
    }
  });

  it("is judged without ps, which many containers lack and BusyBox implements differently", () =>
    withEnvironment({ PATH: "/nowhere" }, () => assert.equal(hasEnded(lock(process.pid)), true)));

  it("has ended when it is a zombie (Linux)", async () => {
    // The shell becomes sleep, which never waits for its child.
    const parent = spawn("sh", [
      "-c",
      `sh -c 'printf pulumi > /proc/$$/comm; echo $$; kill -9 $$' & exec sleep 30`,
    ]);
    try {
      const [pid] = (await once(parent.stdout, "data")) as [Buffer];
      await until(() => hasEnded(lock(Number(pid))));
    } finally {
      parent.kill();
    }
  });

  it("may be alive on another machine", () => {
    assert.equal(hasEnded(lock(1, "elsewhere")), false);
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
