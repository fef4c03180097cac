import { existsSync, readdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { FaultError } from "./fault";
import { run } from "./run";
import { keepsStateHere, lockDirectory, type OpenStack } from "./stack";

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
  let held = await stillHeld(locks);
  if (held.length > 0) {
    say(
      `Another run is at work on stack ${stack.name} (process ${pidsOf(held)}); waiting a moment.`,
    );
  }
  while (held.length > 0 && Date.now() < deadline) {
    await sleep(POLL_MS);
    locks = readLocks(lockDirectory(stack.name));
    held = await stillHeld(locks);
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
export async function stillHeld(locks: Lock[]): Promise<Lock[]> {
  const gone = await Promise.all(locks.map(isGone));
  return locks.filter((_, index) => !gone[index]);
}

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

/** Whether the holder has certainly ended. Its number may belong to another process by now. */
export async function isGone(lock: Lock): Promise<boolean> {
  if (lock.hostname !== hostname()) {
    return false;
  }
  const { code, stdout } = await run("ps", ["-o", "comm=", "-p", String(lock.pid)]);
  return code === 1 || (code === 0 && !/(^|\/)pulumi$/.test(stdout.trim()));
}
