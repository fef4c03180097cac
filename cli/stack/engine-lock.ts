import { existsSync, readdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { engineEnvironment } from "../engine/environment";
import { ENGINE } from "../engine/install";
import { type Lock, lockFault, locksIn } from "../engine/locks";
import { FaultError } from "../fault";
import { processStat } from "../machine/process-stat";
import { run } from "../machine/run";
import { isService, keepsStateHere, lockDirectory } from "./local-state";
import type { OpenStack } from "./stack";

/** A run that was just stopped ends its steps, and its process, within this time. */
const PATIENCE_MS = 10_000;
// p-retry was looked at: it needs Node.js 22, and the loop below waits for a file to go rather than retry a failure.
const POLL_MS = 500;

/**
 * Waits a moment for a run that still holds the stack: what it makes at this moment is neither in the state nor unknown.
 * @throws FaultError where that run does not end
 */
export async function waitForOtherRun(
  { stack: { name } }: OpenStack,
  say: (line: string) => void,
): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  let held = await findHolders(name);
  if (held.length > 0) {
    say(`Another run is changing stack ${name} (process ${pidsOf(held)}); waiting for it to end.`);
  }
  while (held.length > 0 && Date.now() < deadline) {
    await sleep(POLL_MS);
    held = await findHolders(name);
  }
  if (held.length > 0) {
    throw new FaultError(held.map((holder) => lockFault(`Stack ${name}`, holder)));
  }
}

/**
 * Waits for a run that still holds the stack, and removes the stale lock that a killed run on this machine left.
 * @throws FaultError where that run does not end
 */
export async function removeStaleLock(
  opened: OpenStack,
  say: (line: string) => void,
): Promise<void> {
  await waitForOtherRun(opened, say);
  const { stack } = opened;
  const stale = keepsStateHere() ? readLocks(lockDirectory(stack.name)) : [];
  if (stale.length > 0) {
    say(`Removing the stale lock of the last run, which was killed (process ${pidsOf(stale)}).`);
    await stack.cancel();
  }
}

/** The runs that hold the stack: on this machine those that are alive, in another backend those that left a lock. */
async function findHolders(stack: string): Promise<Lock[]> {
  if (keepsStateHere()) {
    return stillHeld(readLocks(lockDirectory(stack)));
  }
  return isService() ? [] : locksIn((await renameToItself(stack)).stderr);
}

/**
 * Makes the engine look for locks and change nothing: it takes the lock to rename a stack, and then refuses a name that
 * exists (pulumi 3.259.0 pkg/backend/diy/backend.go, `renameStack`). Pulumi's service is not asked: it has no such
 * locks.
 */
const renameToItself = (stack: string) =>
  run(ENGINE, ["stack", "rename", stack, "--stack", stack, "--non-interactive"], {
    env: { ...process.env, ...engineEnvironment() },
    stopBy: "none",
  });

const pidsOf = (locks: Lock[]) => locks.map(({ pid }) => pid).join(", ");

/** The locks whose holders may still be alive. */
export const stillHeld = (locks: Lock[]): Lock[] => locks.filter((lock) => !hasEnded(lock));

export const readLocks = (directory: string): Lock[] =>
  (existsSync(directory) ? readdirSync(directory) : [])
    .filter((file) => file.endsWith(".json"))
    .flatMap((file) => {
      try {
        return [JSON.parse(readFileSync(join(directory, file), "utf8")) as Lock];
      } catch {
        // Removed or written at this moment.
        return [];
      }
    });

/**
 * Whether the holder has certainly ended. Its process id may belong to another process by now. This asks the system
 * itself: many containers have no `ps`, and that of BusyBox ignores the process id.
 */
export function hasEnded(lock: Lock): boolean {
  if (lock.hostname !== hostname()) {
    return false;
  }
  try {
    process.kill(lock.pid, 0);
  } catch (error) {
    // EPERM: it runs, as another user.
    if ((error as NodeJS.ErrnoException).code === "ESRCH") {
      return true;
    }
  }
  const running = programOf(lock.pid);
  return running !== undefined && (running !== ENGINE_PROGRAM || beganLater(lock));
}

const ENGINE_PROGRAM = "pulumi";

/** The clock may have been set in between. */
const CLOCK_TOLERANCE_MS = 60_000;
/** Start times in /proc have 100 ticks per second on every architecture of Linux that Node.js runs on. */
const TICK_MS = 10;

/** Whether a later engine has the same process id, as after the restart of a container, where process ids are few. */
function beganLater({ pid, timestamp }: Lock): boolean {
  // Relative to this process's own start: a container may see an uptime of its own.
  const sinceOwnStartMs = (startTicks(pid) - startTicks(process.pid)) * TICK_MS;
  const startedMs = performance.timeOrigin + sinceOwnStartMs;
  return startedMs > Date.parse(timestamp) + CLOCK_TOLERANCE_MS;
}

/** NaN where the process ended in between; comparisons with it are false. */
const startTicks = (pid: number): number => processStat(pid)?.startTicks ?? NaN;

/** Name of the program that a process runs, on Linux; undefined elsewhere, and empty for a zombie. */
function programOf(pid: number): string | undefined {
  const stat = processStat(pid);
  return stat?.state === "Z" ? "" : stat?.name;
}
