// Plain JavaScript without a dependency: what runs before the dependencies are there.
"use strict";

const { spawnSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");

const root = path.dirname(__dirname);
const { engines } = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8"));
const needed = /[\d.]+/.exec(engines.node)[0];
const [wanted, found] = [needed, process.versions.node].map((version) =>
  version.split(".").map(Number),
);
if (found[0] < wanted[0] || (found[0] === wanted[0] && found[1] < wanted[1])) {
  console.error(`Node.js ${needed} or later is needed, this is ${process.versions.node}.`);
  process.exit(1);
}

/** Whether node_modules was made from another package-lock.json than today's, or not at all. */
function isStale() {
  try {
    const installed = fs.statSync(path.join(root, "node_modules", ".package-lock.json")).mtimeMs;
    return installed < fs.statSync(path.join(root, "package-lock.json")).mtimeMs;
  } catch {
    return true;
  }
}

if (isStale()) {
  console.error("Installing the dependencies (npm ci) ...");
  const npm = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    // Standard output is the command's own, as of `npm run -s setup`.
    stdio: ["ignore", 2, "inherit"],
    shell: process.platform === "win32",
  });
  if (npm.status !== 0) {
    console.error("npm ci failed: see above.");
    process.exit(1);
  }
}

/** What people wait for. Tests and tools run from their sources. */
const COMPILED = /^cli\//;

// node cli/bootstrap.js ENTRY [ARGUMENT...], with the entry's path from the root of the checkout.
const [entry] = process.argv.splice(2, 1);
process.chdir(root);
if (COMPILED.test(entry)) {
  require("../runtime/compile").load(entry);
} else {
  require("tsx/cjs");
  require(path.join(root, entry));
}
