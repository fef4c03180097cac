import { existsSync, readdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { FaultError } from "../fault";
import { processStat } from "../machine/process-stat";
import { keepsStateHere, lockDirectory } from "./local-state";
import type { OpenStack } from "./stack";

/** A run that holds the stack, as the engine writes it down. */
export interface Lock {
  pid: number;
  username: string;
  hostname: string;
  timestamp: string;
}

/** A run that was just stopped ends its steps, or its process, within this. */
const PATIENCE_MS = 10_000;
const POLL_MS = 500;

/**
 * Frees the stack from the lock of a run on this machine that is gone: killed, it could not do so itself.
 * One that is at work is given a moment to end. Locks in any other backend are left to the engine, which
 * tells of them.
 * @throws FaultError where another run is at work
 */
export async function releaseStack(
  { stack }: OpenStack,
  say: (line: string) => void,
): Promise<void> {
  if (!keepsStateHere()) {
    return;
  }
  const deadline = Date.now() + PATIENCE_MS;
  let locks = readLocks(lockDirectory(stack.name));
  let held = stillHeld(locks);
  if (held.length > 0) {
    say(
      `Another run is at work on stack ${stack.name} (process ${pidsOf(held)}); waiting a moment.`,
    );
  }
  while (held.length > 0 && Date.now() < deadline) {
    await sleep(POLL_MS);
    locks = readLocks(lockDirectory(stack.name));
    held = stillHeld(locks);
  }
  if (held.length > 0) {
    throw new FaultError(
      held.map(
        ({ pid, username, hostname: host, timestamp }) =>
          `Stack ${stack.name} is being changed by process ${pid} of ${username} on ${host}, since ${timestamp}. ` +
          `Wait until it has ended. If it has, and could not say so: pulumi cancel --stack ${stack.name}, with the exports of npm run setup.`,
      ),
    );
  }
  if (locks.length > 0) {
    say(
      `The run before (process ${pidsOf(locks)}) was killed and left its lock, which is taken away.`,
    );
    await stack.cancel();
  }
}

const pidsOf = (locks: Lock[]) => locks.map(({ pid }) => pid).join(", ");

/** The locks whose holders may still be at work. */
export const stillHeld = (locks: Lock[]): Lock[] => locks.filter((lock) => !isGone(lock));

export const readLocks = (directory: string): Lock[] =>
  (existsSync(directory) ? readdirSync(directory) : [])
    .filter((file) => file.endsWith(".json"))
    .flatMap((file) => {
      try {
        return [JSON.parse(readFileSync(join(directory, file), "utf8")) as Lock];
      } catch {
        // Freed meanwhile, or just being written.
        return [];
      }
    });

/**
 * Whether the holder has certainly ended; its number may belong to another process by now. Asks the system
 * itself: `ps` is missing from many containers, and BusyBox's ignores the number that it is asked for.
 */
export function isGone(lock: Lock): boolean {
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

/** The clock may be set meanwhile. */
const CLOCK_TOLERANCE_MS = 60_000;
/** Of the start times in /proc, 100 a second, on every architecture of Linux that Node.js runs on. */
const TICK_MS = 10;

/** Whether it is a later engine with the same number: as after a container's restart, where numbers are few. */
function beganLater({ pid, timestamp }: Lock): boolean {
  // By this process's own start: a container may be shown an uptime of its own.
  const sinceOwnStartMs = (startTicks(pid) - startTicks(process.pid)) * TICK_MS;
  const startedMs = performance.timeOrigin + sinceOwnStartMs;
  return startedMs > Date.parse(timestamp) + CLOCK_TOLERANCE_MS;
}

/** NaN where the process ends meanwhile, which is later than nothing. */
const startTicks = (pid: number): number => processStat(pid)?.startTicks ?? NaN;

/**
 * Name of the program that a process runs, where the system tells (Linux); undefined elsewhere.
 * Of a process that has ended and that its parent has not asked after, the name is empty.
 */
function programOf(pid: number): string | undefined {
  const stat = processStat(pid);
  return stat?.state === "Z" ? "" : stat?.name;
}
