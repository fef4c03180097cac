/** A lock that lets one command at a time change a stack of this checkout, from its first check to its end. */
import { mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { FaultError } from "../fault";
import { type ProcessStat, processStat } from "../machine/process-stat";
import { LOCAL } from "../paths";

/** The command that holds the lock. */
export interface Holder {
  pid: number;
  hostname: string;
  username: string;
  /** When the command began, ISO-8601. */
  timestamp: string;
  /** `npm run up`, without its options. */
  command: string;
  /** Start of the process, on Linux: another process may get the same id later. */
  started?: string;
}

/** A run that was just stopped ends its steps within this time. */
const PATIENCE_MS = 10_000;
const POLL_MS = 250;

const LOCKS = join(LOCAL, "locks");
const lockFile = (stack: string) => join(LOCKS, `${stack}.json`);

/**
 * Runs an action while no other command of this checkout changes the stack. The lock of a process that has ended is
 * stale, and removed.
 * @throws FaultError that names the holder, where another command is still running after `patienceMs`
 */
export async function whileLocked<T>(
  { stack, command }: { stack: string; command: string },
  action: () => Promise<T>,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  const file = lockFile(stack);
  await takeLock(file, stack, `npm run ${command}`, patienceMs);
  try {
    return await action();
  } finally {
    rmSync(file, { force: true });
    [LOCKS, LOCAL].forEach(removeIfEmpty);
  }
}

async function takeLock(
  file: string,
  stack: string,
  command: string,
  patienceMs: number,
): Promise<void> {
  const deadline = Date.now() + patienceMs;
  let isReported = false;
  for (;;) {
    if (createFile(file, JSON.stringify(thisProcess(command)))) {
      return;
    }
    const text = readText(file);
    const holder = parseHolder(text);
    if (holder && hasEnded(holder)) {
      removeStale(file, text);
      continue;
    }
    const who = holder ? describeHolder(holder) : `another command (${file})`;
    if (Date.now() >= deadline) {
      throw new FaultError([
        `Stack ${stack} is being changed by ${who}. Wait until that ends, then try again.`,
      ]);
    }
    if (!isReported) {
      // Standard output of `setup` must hold nothing but exports.
      console.error(`Stack ${stack} is being changed by ${who}; waiting for it to end.`);
      isReported = true;
    }
    await sleep(POLL_MS);
  }
}

/** The lock of a stack, whoever left it. */
export interface FoundLock {
  file: string;
  /** Who holds it, for people. */
  holder: string;
  /** Whether its process has certainly ended. */
  isStale: boolean;
  /** Removes it, unless another command has replaced it in between. */
  remove: () => void;
}

/** The locks of this checkout: that of one stack, or all. */
export function findLocks(stack?: string): FoundLock[] {
  const files =
    stack === undefined ? entries(LOCKS).map((name) => join(LOCKS, name)) : [lockFile(stack)];
  return files.flatMap((file) => {
    const text = readText(file);
    const holder = parseHolder(text);
    return holder
      ? [
          {
            file,
            holder: describeHolder(holder),
            isStale: hasEnded(holder),
            remove: () => removeStale(file, text),
          },
        ]
      : [];
  });
}

/** Whether another command of this checkout holds a lock on any other stack. */
export const othersAtWork = (stack: string): boolean =>
  entries(LOCKS).some((file) => file.endsWith(".json") && join(LOCKS, file) !== lockFile(stack));

/** Removes what runs wrote on this machine, but the locks: the command itself holds one, and others may wait for it. */
export function removeLocalFiles(): void {
  for (const entry of entries(LOCAL).filter((name) => join(LOCAL, name) !== LOCKS)) {
    rmSync(join(LOCAL, entry), { recursive: true, force: true });
  }
}

function createFile(file: string, text: string): boolean {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  try {
    writeFileSync(file, text, { mode: 0o600, flag: "wx" });
    return true;
  } catch (error) {
    // The folder is removed with the last stack.
    if (["EEXIST", "ENOENT"].includes((error as NodeJS.ErrnoException).code ?? "")) {
      return false;
    }
    throw error;
  }
}

/** Removes a lock, unless another command has replaced it in between. */
function removeStale(file: string, text: string): void {
  if (readText(file) === text) {
    rmSync(file, { force: true });
  }
}

const thisProcess = (command: string): Holder => ({
  pid: process.pid,
  hostname: hostname(),
  username: userInfo().username,
  timestamp: new Date().toISOString(),
  command,
  started: startedAt(processStat(process.pid)),
});

const describeHolder = ({ command, pid, username, hostname: host, timestamp }: Holder) =>
  `"${command}" (process ${pid} of ${username} on ${host}, since ${timestamp})`;

/** A process's start as a lock holds it; undefined where there is no /proc. */
const startedAt = (stat: ProcessStat | undefined): string | undefined =>
  stat && String(stat.startTicks);

/** Whether a holder has certainly ended. */
export function hasEnded({ pid, hostname: host, started }: Holder): boolean {
  if (host !== hostname()) {
    return false;
  }
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: the process runs as another user.
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
  const found = processStat(pid);
  return found !== undefined && ("ZX".includes(found.state) || startedAt(found) !== started);
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // Removed in between.
    return "";
  }
}

/** Undefined while it is being written. */
function parseHolder(text: string): Holder | undefined {
  try {
    return JSON.parse(text) as Holder;
  } catch {
    return undefined;
  }
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function removeIfEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch {
    // It holds other files, or was removed with the stack.
  }
}
