import { existsSync, readdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";

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

/**
 * Frees the stack from the lock of a run on this machine that is gone: killed, it could not do so itself.
 * Locks in any other backend are left to the engine, which tells of them.
 * @throws FaultError where another run is at work
 */
export async function releaseStack(
  { stack }: OpenStack,
  say: (line: string) => void,
): Promise<void> {
  const locks = keepsStateHere() ? readLocks(lockDirectory(stack.name)) : [];
  const gone = await Promise.all(locks.map(isGone));
  const held = locks.filter((_, index) => !gone[index]);
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
    const pids = locks.map(({ pid }) => pid).join(", ");
    say(`The run before (process ${pids}) was killed and left its lock, which is taken away.`);
    await stack.cancel();
  }
}

export const readLocks = (directory: string): Lock[] =>
  (existsSync(directory) ? readdirSync(directory) : [])
    .filter((file) => file.endsWith(".json"))
    .map((file) => JSON.parse(readFileSync(join(directory, file), "utf8")) as Lock);

/** Whether the holder has certainly ended. Its number may belong to another process by now. */
export async function isGone(lock: Lock): Promise<boolean> {
  if (lock.hostname !== hostname()) {
    return false;
  }
  const { code, stdout } = await run("ps", ["-o", "comm=", "-p", String(lock.pid)]);
  return code === 1 || (code === 0 && !/(^|\/)pulumi$/.test(stdout.trim()));
}
