import { type ChildProcess, spawn } from "node:child_process";

import { ROOT } from "../paths";
import { stopping, throwIfStopped } from "./stopping";

export interface Result {
  /** Exit code; 127 where there is no such command, 1 where a signal ended it. */
  code: number;
  /** The signal that ended it, if one did. */
  signal?: NodeJS.Signals;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  /** Default: the root of the checkout. */
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Longest time in milliseconds before the command is ended. */
  timeoutMs?: number;
  /** Takes each line as it is printed, on either stream. */
  onLine?: (line: string) => void;
  /** What the command gets when a signal stops this run, SIGTERM by default; "none" lets it finish, or begin. */
  stopBy?: NodeJS.Signals | "none";
  /** Whether a terminal's and a CI's signals to this process's group are kept from it. */
  ownGroup?: boolean;
  /** Takes the number of the process once it runs. */
  onStart?: (pid: number) => void;
}

const running = new Set<ChildProcess>();

/** Kills every command that runs. */
export const killRunning = () => running.forEach((child) => child.kill("SIGKILL"));

/**
 * Runs a command to its end and hands over what it printed; a failing one is the caller's to judge.
 * @throws FaultError where this run is being stopped
 */
export async function run(
  command: string,
  args: string[],
  options: RunOptions = {},
): Promise<Result> {
  const { stopBy = "SIGTERM" } = options;
  if (stopBy !== "none") {
    throwIfStopped();
  }
  const child = spawn(command, args, {
    cwd: options.cwd ?? ROOT,
    env: options.env ?? process.env,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: options.timeoutMs,
    detached: options.ownGroup && process.platform !== "win32",
  });
  const stop = () => stopBy !== "none" && child.kill(stopBy);
  stopping.addEventListener("abort", stop);
  running.add(child);
  if (child.pid !== undefined) {
    options.onStart?.(child.pid);
  }
  try {
    return await ended(child, options);
  } finally {
    running.delete(child);
    stopping.removeEventListener("abort", stop);
  }
}

function ended(
  child: ReturnType<typeof spawn> & {
    stdout: NodeJS.ReadableStream;
    stderr: NodeJS.ReadableStream;
  },
  { onLine }: RunOptions,
): Promise<Result> {
  return new Promise((resolve) => {
    const printed = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const) {
      let rest = "";
      child[stream].setEncoding("utf8").on("data", (text: string) => {
        printed[stream] += text;
        const lines = (rest + text).split("\n");
        rest = lines.pop() ?? "";
        lines.forEach((line) => onLine?.(line));
      });
      child[stream].on("end", () => rest && onLine?.(rest));
    }
    child.on("error", (error: NodeJS.ErrnoException) =>
      resolve({ code: 127, stdout: "", stderr: error.message }),
    );
    child.on("close", (code, signal) =>
      resolve({ code: code ?? 1, ...(signal ? { signal } : {}), ...printed }),
    );
  });
}

/** The last lines of what a failed command said. */
export const lastLines = (text: string, count = 5) =>
  text.trimEnd().split("\n").slice(-count).join("\n");
