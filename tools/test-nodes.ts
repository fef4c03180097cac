/**
 * `npm run test:nodes [-- VERSION...]`: runs the suites that need no Docker on other major versions of Node.js.
 * Each version comes from the npm package `node`, and is kept in a cache outside the checkout.
 */
import { spawnSync } from "node:child_process";
import { delimiter, dirname } from "node:path";

import { ROOT } from "../cli/paths";
import { nodeOf } from "./node-version";

const VERSIONS = ["20", "22", "24"];
const SUITES = ["unit", "sql"];

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
