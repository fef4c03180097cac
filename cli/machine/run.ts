// execa 10 was looked at: it needs Node.js 22, and stopping and process groups would still be ours.
import { type ChildProcess, spawn } from "node:child_process";

import { ROOT } from "../paths";
import { stopping, throwIfStopped } from "./stopping";

export interface Result {
  /** Exit code: 127 where there is no such command, 1 where a signal ended it. */
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
  /** Called with each line that the command prints, on either stream. */
  onLine?: (line: string) => void;
  /**
   * Signal for the command when this run is stopped, SIGTERM by default. "none" lets it finish, or start; Ctrl-C in a terminal,
   * which reaches the whole process group, does not reach it either.
   */
  stopBy?: NodeJS.Signals | "none";
  /** Whether the command gets a process group of its own, so that signals to this process's group do not reach it. */
  ownGroup?: boolean;
  /** Called with the process id once the command runs. */
  onStart?: (pid: number) => void;
  /** What it reads on its standard input; by default nothing. */
  input?: string;
}

const running = new Set<ChildProcess>();

/** Kills all running commands. */
export const killRunning = () => running.forEach((child) => child.kill("SIGKILL"));

/**
 * Runs a command to its end and returns what it printed. The caller judges its exit code.
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
    stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    timeout: options.timeoutMs,
    detached: (options.ownGroup || stopBy === "none") && process.platform !== "win32",
  });
  const stop = () => stopBy !== "none" && child.kill(stopBy);
  stopping.addEventListener("abort", stop);
  running.add(child);
  child.stdin?.on("error", () => undefined).end(options.input);
  if (child.pid !== undefined) {
    options.onStart?.(child.pid);
  }
  try {
    return await waitForEnd(child, options);
  } finally {
    running.delete(child);
    stopping.removeEventListener("abort", stop);
  }
}

function waitForEnd(child: ChildProcess, { onLine }: RunOptions): Promise<Result> {
  return new Promise((resolve) => {
    const printed = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const) {
      let rest = "";
      child[stream]!.setEncoding("utf8").on("data", (text: string) => {
        printed[stream] += text;
        const lines = (rest + text).split("\n");
        rest = lines.pop() ?? "";
        lines.forEach((line) => onLine?.(line));
      });
      child[stream]!.on("end", () => rest && onLine?.(rest));
    }
    child.on("error", (error: NodeJS.ErrnoException) =>
      resolve({ code: 127, stdout: "", stderr: error.message }),
    );
    child.on("close", (code, signal) =>
      resolve({ code: code ?? 1, ...(signal ? { signal } : {}), ...printed }),
    );
  });
}

/** The last lines that a failed command printed. */
export const lastLines = (text: string, count = 5) =>
  text.trimEnd().split("\n").slice(-count).join("\n");
