/** One command at a time changes a stack of this checkout, from its first look at it to its end. */
import { mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname, userInfo } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { FaultError } from "../fault";
import { type ProcessStat, processStat } from "../machine/process-stat";
import { LOCAL } from "../paths";

/** Who changes a stack. */
export interface Holder {
  pid: number;
  hostname: string;
  username: string;
  /** When the command began, ISO-8601. */
  timestamp: string;
  /** As a person typed it, without secrets: `npm run up`. */
  command: string;
  /** When the process began, where the system tells (Linux): its number alone may belong to another one later. */
  started?: string;
}

/** A run that was just stopped ends its steps within this. */
const PATIENCE_MS = 10_000;
const POLL_MS = 250;

const DIRECTORY = join(LOCAL, "locks");
const lockFile = (stack: string) => join(DIRECTORY, `${stack}.json`);

/**
 * Runs an act while no other command of this checkout changes the stack. The lock of a process that has ended
 * is taken over.
 * @throws FaultError that names the holder, where another command is still at work after a moment
 */
export async function whileLocked<T>(
  { stack, command }: { stack: string; command: string },
  act: () => Promise<T>,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  const file = lockFile(stack);
  await take(file, stack, `npm run ${command}`, patienceMs);
  try {
    return await act();
  } finally {
    rmSync(file, { force: true });
    [DIRECTORY, LOCAL].forEach(removeIfEmpty);
  }
}

async function take(
  file: string,
  stack: string,
  command: string,
  patienceMs: number,
): Promise<void> {
  const deadline = Date.now() + patienceMs;
  let isTold = false;
  for (;;) {
    if (isCreated(file, JSON.stringify(thisProcess(command)))) {
      return;
    }
    const text = textOf(file);
    const holder = parsed(text);
    if (holder && hasEnded(holder)) {
      removeStale(file, text);
      continue;
    }
    const who = holder ? described(holder) : `another command (${file})`;
    if (Date.now() >= deadline) {
      throw new FaultError([
        `Stack ${stack} is being changed by ${who}. Wait until that has ended, and try again.`,
      ]);
    }
    if (!isTold) {
      // Standard output may hold exports and nothing else.
      console.error(`Stack ${stack} is being changed by ${who}; waiting a moment.`);
      isTold = true;
    }
    await sleep(POLL_MS);
  }
}

/** Whether any other command of this checkout holds a lock, on whichever stack. */
export const othersAtWork = (stack: string): boolean =>
  entries(DIRECTORY).some(
    (file) => file.endsWith(".json") && join(DIRECTORY, file) !== lockFile(stack),
  );

function isCreated(file: string, text: string): boolean {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  try {
    writeFileSync(file, text, { mode: 0o600, flag: "wx" });
    return true;
  } catch (error) {
    // The folder goes with the last stack.
    if (["EEXIST", "ENOENT"].includes((error as NodeJS.ErrnoException).code ?? "")) {
      return false;
    }
    throw error;
  }
}

/** Removes a lock unless another command has taken it over meanwhile. */
function removeStale(file: string, text: string): void {
  if (textOf(file) === text) {
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

const described = ({ command, pid, username, hostname: host, timestamp }: Holder) =>
  `"${command}" (process ${pid} of ${username} on ${host}, since ${timestamp})`;

/** A process's start as a lock holds it; undefined where the system does not tell. */
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
    // EPERM: it runs, as another user.
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
  const found = processStat(pid);
  return found !== undefined && ("ZX".includes(found.state) || startedAt(found) !== started);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // Freed meanwhile.
    return "";
  }
}

/** Undefined while its writer is at it. */
function parsed(text: string): Holder | undefined {
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
    // Somebody else's files are in it, or it has gone with the stack.
  }
}
