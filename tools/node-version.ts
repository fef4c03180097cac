import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Outside of the checkout, so that a version is fetched once. */
const CACHE = join(homedir(), ".cache", "learning-platform", "node");

/**
 * A version of Node.js, from the npm package `node`.
 * @param version as npm takes it: `22`
 * @returns the path of its binary
 * @throws Error if npm has none for this machine
 */
export function nodeOf(version: string): string {
  const prefix = join(CACHE, version);
  const binary = join(prefix, "node_modules", "node", "bin", "node");
  if (!existsSync(binary)) {
    mkdirSync(prefix, { recursive: true });
    const args = ["install", "--prefix", prefix, "--no-audit", "--no-fund", `node@${version}`];
    if (spawnSync("npm", args, { stdio: "inherit" }).status !== 0 || !existsSync(binary)) {
      throw new Error(`npm has no node@${version} for this machine`);
    }
  }
  return binary;
}
