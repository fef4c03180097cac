/** Tools for workflows that npm does not have. Each is installed once, into a cache outside the checkout. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

export interface Tool {
  name: string;
  version: string;
  /** Installs the tool into a folder, with the command that it returns. */
  install: (folder: string) => { command: string; args: string[]; env?: NodeJS.ProcessEnv };
  /** The tool in that folder. */
  binary: string;
}

const goTool = (name: string, module: string, version: string): Tool => ({
  ...{ name, version, binary: name },
  install: (folder) => ({
    command: "go",
    args: ["install", `${module}@v${version}`],
    env: { GOBIN: folder },
  }),
});

export const ACTIONLINT = goTool(
  "actionlint",
  "github.com/rhysd/actionlint/cmd/actionlint",
  "1.7.12",
);
export const ACT = goTool("act", "github.com/nektos/act", "0.2.89");
export const ZIZMOR: Tool = {
  ...{ name: "zizmor", version: "1.32.0", binary: join("bin", "zizmor") },
  install: (folder) => ({
    command: "python3",
    args: ["-m", "pip", "install", "--quiet", "--no-deps", "--target", folder, "zizmor==1.32.0"],
    env: { PIP_DISABLE_PIP_VERSION_CHECK: "1" },
  }),
};

const CACHE = join(homedir(), ".cache", "learning-platform", "tools");
/** act takes a minute on two cores. */
const TIMEOUT_MS = 300_000;

/** The path of a tool, or why it is not to be had here. */
export function ensureTool(
  { name, version, install, binary }: Tool,
  cache = CACHE,
): { path: string } | { missing: string } {
  const folder = join(cache, `${name}-${version}`);
  const path = join(folder, binary);
  if (existsSync(path)) {
    return { path };
  }
  mkdirSync(cache, { recursive: true });
  // In the cache only when it is whole: another run may look at the same time.
  const partial = mkdtempSync(join(cache, ".partial-"));
  try {
    const { command, args, env } = install(partial);
    const { error, status, stderr } = spawnSync(command, args, {
      env: { ...process.env, ...env },
      encoding: "utf8",
      timeout: TIMEOUT_MS,
    });
    if (error || status !== 0 || !existsSync(join(partial, binary))) {
      return { missing: `${command}: ${lastLine(error?.message ?? stderr)}` };
    }
    mkdirSync(dirname(folder), { recursive: true });
    moveTo(partial, folder);
    return { path };
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}

function moveTo(partial: string, folder: string): void {
  try {
    renameSync(partial, folder);
  } catch (error) {
    // Another run was first.
    if (!existsSync(folder)) {
      throw error;
    }
  }
}

const lastLine = (text: string) => text.trim().split("\n").at(-1) ?? "";
