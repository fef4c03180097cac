import { spawn } from "node:child_process";

import { ROOT } from "./paths";

export interface Result {
  /** Exit code; 127 where there is no such command. */
  code: number;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  env?: NodeJS.ProcessEnv;
  /** Longest time in milliseconds before the command is ended. */
  timeoutMs?: number;
  /** Takes each line as it is printed, on either stream. */
  onLine?: (line: string) => void;
}

/** Runs a command to its end and hands over what it printed; a failing one is the caller's to judge. */
export function run(command: string, args: string[], options: RunOptions = {}): Promise<Result> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: ROOT,
      env: options.env ?? process.env,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: options.timeoutMs,
    });
    const printed = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const) {
      let rest = "";
      child[stream].setEncoding("utf8").on("data", (text: string) => {
        printed[stream] += text;
        const lines = (rest + text).split("\n");
        rest = lines.pop() ?? "";
        lines.forEach((line) => options.onLine?.(line));
      });
      child[stream].on("end", () => rest && options.onLine?.(rest));
    }
    child.on("error", (error: NodeJS.ErrnoException) =>
      resolve({ code: 127, stdout: "", stderr: error.message }),
    );
    child.on("close", (code) => resolve({ code: code ?? 1, ...printed }));
  });
}

/** The last lines of what a failed command said. */
export const lastLines = (text: string, count = 5) =>
  text.trimEnd().split("\n").slice(-count).join("\n");
