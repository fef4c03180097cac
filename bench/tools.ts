/** Commands that the benchmarks run, and the folder for what they fetch. */
import { spawn } from "node:child_process";
import { homedir } from "node:os";
import { join } from "node:path";

import { lastLines, run, type RunOptions } from "../cli/machine/run";

/** Tools that the benchmarks compare with are fetched once, into a folder outside of the checkout. */
export const CACHE = join(
  process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"),
  "learning-platform",
  "bench",
);

/** Runs a command that must succeed. @returns what it printed */
export async function must(command: string, args: string[], options?: RunOptions): Promise<string> {
  const { code, stdout, stderr } = await run(command, args, options);
  if (code !== 0) {
    throw new Error(
      `${command} ${args.slice(0, 3).join(" ")}: ${lastLines(`${stdout}\n${stderr}`, 10)}`,
    );
  }
  return stdout.trim();
}

/** Runs a command that must succeed, with a text as its input. @returns what it printed */
export function feed(
  command: string,
  args: string[],
  input: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: ["pipe", "pipe", "pipe"] });
    let printed = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => (printed += text));
    }
    child.on("error", reject);
    child.on("close", (code) =>
      code === 0
        ? resolve(printed)
        : reject(new Error(`${command} ${args.slice(0, 3).join(" ")}: ${lastLines(printed, 10)}`)),
    );
    // A command that ends early reports why.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
  });
}
