import { spawn } from "node:child_process";
import { constants } from "node:os";

import { FaultError } from "../fault";
import { codeOf, leaveSignals } from "./stopping";

export interface Program {
  command: string;
  args: string[];
  /** Variables besides those of this process. Only the user's own processes and root can see them. */
  env?: Record<string, string>;
}

/**
 * Runs a program on this process's terminal, which also gets the terminal's signals.
 * @returns its exit code
 * @throws FaultError where there is no such program
 */
export function runInteractive({ command, args, env = {} }: Program): Promise<number> {
  leaveSignals();
  const child = spawn(command, args, { stdio: "inherit", env: { ...process.env, ...env } });
  // npm, `timeout` and a closed terminal send these to this process alone.
  for (const signal of ["SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => child.kill(signal));
  }
  return new Promise((resolve, reject) => {
    child.on("error", (error: NodeJS.ErrnoException) =>
      reject(
        new FaultError([
          error.code === "ENOENT" ? `There is no program ${command} on the PATH.` : error.message,
        ]),
      ),
    );
    child.on("close", (code, signal) => resolve(code ?? (signal ? codeOf(signal) : 1)));
  });
}

/** Exit code of a program that Ctrl-C ended. */
export const INTERRUPTED = 128 + constants.signals.SIGINT;
