import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import path from "node:path";

import { FaultError } from "../../../../cli/fault";
import type * as StackLock from "../../../../cli/stack/command-lock";
import { ROOT } from "../../support/program";

const PATHS = path.join(ROOT, "cli/paths.ts");
const MODULE = path.join(ROOT, "cli/stack/command-lock.ts");

describe("the lock of a command", () => {
  let root: string;
  let lock: typeof StackLock;
  let file: string;
  const cached = [PATHS, MODULE].map((name) => [name, require.cache[name]] as const);

  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), "checkout-"));
    const local = path.join(root, ".platform");
    require.cache[PATHS] = { ...require.cache[PATHS], exports: { LOCAL: local } } as NodeJS.Module;
    delete require.cache[MODULE];
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    lock = require(MODULE) as typeof StackLock;
    file = path.join(local, "locks", "dev.json");
  });
  afterEach(() => {
    cached.forEach(([name, before]) => (require.cache[name] = before));
    rmSync(root, { recursive: true });
  });

  const up = { stack: "dev", command: "up" };
  const held = (): StackLock.Holder => JSON.parse(readFileSync(file, "utf8")) as StackLock.Holder;

  it("names the command, its process and its start, and is removed afterwards", async () => {
    const found = await lock.whileLocked(up, () => Promise.resolve(held()));
    assert.equal(found.command, "npm run up");
    assert.equal(found.pid, process.pid);
    assert.ok(Date.now() - Date.parse(found.timestamp) < 60_000);
    assert.ok(!existsSync(path.join(root, ".platform")));
  });

  it("is removed by a command that fails", async () => {
    await assert.rejects(
      lock.whileLocked(up, () => Promise.reject(new Error("failed"))),
      /failed/,
    );
    assert.ok(!existsSync(file));
  });

  it("refuses a second command with the name of the holder, and stays", async () => {
    const other = { stack: "dev", command: "down" };
    await lock.whileLocked(up, async () => {
      await assert.rejects(
        lock.whileLocked(other, () => Promise.reject(new Error("ran")), 300),
        (error) => {
          assert.ok(error instanceof FaultError);
          const who = `"npm run up" \\(process ${process.pid} of .* on ${hostname()}, since 20`;
          assert.match(error.faults[0], new RegExp(`^Stack dev is being changed by ${who}`));
          return true;
        },
      );
      assert.equal(held().command, "npm run up");
    });
  });

  it("lets a second command start when the first has ended", async () => {
    const order: string[] = [];
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const first = lock.whileLocked(up, async () => {
      await ended;
      order.push("first");
    });
    const second = lock.whileLocked(up, async () => void order.push("second"));
    end();
    await Promise.all([first, second]);
    assert.deepEqual(order, ["first", "second"]);
  });

  it("exists once per stack, and shows commands on other stacks", async () => {
    await lock.whileLocked(up, () =>
      lock.whileLocked({ stack: "trial", command: "up" }, async () => {
        assert.equal(lock.othersAtWork("trial"), true);
      }),
    );
    await lock.whileLocked(up, async () => assert.equal(lock.othersAtWork("dev"), false));
  });

  it("stays when the files of the last stack go, and they go with it", async () => {
    await lock.whileLocked(up, async () => {
      writeFileSync(path.join(root, ".platform", "passphrase"), "");
      lock.removeLocalFiles();
      assert.deepStrictEqual(readdirSync(path.join(root, ".platform")), ["locks"]);
      assert.equal(held().command, "npm run up");
    });
    assert.ok(!existsSync(path.join(root, ".platform")));
  });

  it("is stale when its process has ended, or another process has its id", async () => {
    const child = spawn("true");
    await once(child, "exit");
    const stale = { hostname: hostname(), username: "u", timestamp: "t", command: "npm run up" };
    for (const holder of [
      { ...stale, pid: child.pid },
      { ...stale, pid: process.pid, started: "1" },
    ]) {
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, JSON.stringify(holder));
      assert.equal(await lock.whileLocked(up, () => Promise.resolve("done"), 0), "done");
    }
  });

  it("of another machine is never stale", () => {
    assert.equal(lock.hasEnded({ ...holderElsewhere, pid: 1 }), false);
  });
});

const holderElsewhere = {
  hostname: "elsewhere",
  username: "u",
  timestamp: "t",
  command: "npm run up",
};
