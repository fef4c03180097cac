/**
 * `npm run test:nodes [-- VERSION...]`: runs the suites that need no Docker on other major versions of Node.js.
 * Each version comes from the npm package `node`, and is kept in a cache outside the checkout.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";

import { ROOT } from "../cli/paths";

const VERSIONS = ["20", "22", "24"];
const SUITES = ["unit", "sql"];
const CACHE = join(homedir(), ".cache", "learning-platform", "node");

/** Installs a version, unless the cache has it, and returns the path of its binary. */
function nodeOf(version: string): string {
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

/** @returns whether the suites passed */
function testOn(version: string): boolean {
  const node = nodeOf(version);
  console.log(`\n==== Node.js ${version}`);
  const { status } = spawnSync(node, ["cli/bootstrap.js", "tests/run.ts", ...SUITES], {
    cwd: ROOT,
    stdio: "inherit",
    // Tests start processes with the command node.
    env: { ...process.env, PATH: [dirname(node), process.env.PATH].join(delimiter) },
  });
  return status === 0;
}

const wanted = process.argv.slice(2);
const results = (wanted.length > 0 ? wanted : VERSIONS).map(
  (version) => [version, testOn(version)] as const,
);
console.log(
  results.map(([version, ok]) => `Node.js ${version}: ${ok ? "passed" : "FAILED"}`).join("\n"),
);
process.exitCode = results.every(([, ok]) => ok) ? 0 : 1;
