import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** Runs an act with these variables; undefined takes one away. */
export async function withEnvironment<T>(
  variables: Record<string, string | undefined>,
  act: () => T | Promise<T>,
): Promise<T> {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  try {
    Object.entries(variables).forEach(set);
    return await act();
  } finally {
    before.forEach(set);
  }
}

function set([name, value]: readonly [string, string | undefined]): void {
  if (value === undefined) {
    delete process.env[name];
  } else {
    process.env[name] = value;
  }
}

/**
 * Runs an act with a `docker` that is a shell script, in place of any that is installed.
 * @param script what it does with its arguments, $1 and so on
 * @returns the command lines with which it was called
 */
export async function withDocker(script: string, act: () => Promise<void>): Promise<string[]> {
  const folder = mkdtempSync(path.join(tmpdir(), "docker-double-"));
  const [command, log] = [path.join(folder, "docker"), path.join(folder, "log")];
  try {
    writeFileSync(log, "");
    writeFileSync(command, `#!/bin/sh\necho "$*" >> '${log}'\n${script}\n`);
    chmodSync(command, 0o755);
    await withEnvironment({ PATH: `${folder}:${process.env.PATH}` }, act);
    return readFileSync(log, "utf8").split("\n").filter(Boolean);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
