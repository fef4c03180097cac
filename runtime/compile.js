/**
 * Compiles a TypeScript file and all that it loads into one JavaScript file, once for each content of the sources.
 * Loading that file takes a fifth of the time that its hundreds of modules take one by one, and half of that where V8
 * finds its own compiled code beside it. Node.js has that built in from 22.1 (module.enableCompileCache).
 *
 * Plain JavaScript: it also runs in the processes of Pulumi, which load no TypeScript.
 */
"use strict";

const { createHash } = require("node:crypto");
const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const { setImmediate } = require("node:timers");
const vm = require("node:vm");

const ROOT = path.dirname(__dirname);
const CACHE = path.join(ROOT, "node_modules", ".cache", "learning-platform");
/** Folders without code that an entry loads. */
const SKIPPED = new Set([
  ...["node_modules", "docs", "schemas", "sql", "tests", "bench", "tools", "examples"],
  // Manifests of backups, where somebody keeps them here.
  "backups",
]);
const SOURCE = /\.(ts|js|json)$/;
/** Files that are kept: those of a few branches, two for each of their entries. */
const KEPT = 60;

/**
 * Packages that find files of their own beside them, and therefore stay where they are; and large ones that few commands
 * need, which the others then need not read.
 */
const EXTERNAL = [
  ...["esbuild", "libpg-query", "pg-native", "squawk-cli", "tsx"],
  ...["@aws-sdk/client-s3", "@aws-sdk/lib-storage", "age-encryption"],
];

/**
 * What the SDK needs to serialise functions. It loads them at each start, for half a second; no function of this
 * project is serialised (components/platform/dynamic-resource.ts).
 */
const NOT_LOADED = ["@npmcli/arborist", "normalize-package-data", "typescript"];

/**
 * @param {string} entry path of a TypeScript file from the root of the checkout
 * @returns {string} path of the compiled file
 */
function compile(entry) {
  const file = path.join(CACHE, `${path.basename(entry, ".ts")}-${hashOf(entry)}.js`);
  if (!fs.existsSync(file)) {
    build(entry, file);
    removeOld();
  }
  return file;
}

/** One hash over the entry's name and the content of every source that it could load. */
const hashOf = (entry) =>
  createHash("sha256").update(entry).update(hashOfSources()).digest("hex").slice(0, 32);

/** @type {Buffer | undefined} */
let ofSources;

/** Read once: a process may load several entries. */
function hashOfSources() {
  if (ofSources === undefined) {
    const hash = createHash("sha256");
    for (const file of sources(ROOT).sort()) {
      hash.update(`\0${path.relative(ROOT, file)}\0`).update(fs.readFileSync(file));
    }
    ofSources = hash.digest();
  }
  return ofSources;
}

function sources(folder) {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) {
      return SKIPPED.has(entry.name) || entry.name.startsWith(".") ? [] : sources(file);
    }
    return SOURCE.test(entry.name) ? [file] : [];
  });
}

function build(entry, file) {
  fs.mkdirSync(CACHE, { recursive: true });
  // Another process may compile the same at the same time: each writes a file of its own, and the last one stays.
  const part = `${file}.${process.pid}.part`;
  require("esbuild").buildSync({
    entryPoints: [path.join(ROOT, entry)],
    outfile: part,
    bundle: true,
    platform: "node",
    target: `node${process.versions.node}`,
    minifyWhitespace: true,
    minifySyntax: true,
    external: EXTERNAL,
    // V8's own loader of modules would need a callback here.
    supported: { "dynamic-import": false },
    alias: Object.fromEntries(
      NOT_LOADED.map((name) => [name, path.join(__dirname, "not-loaded.js")]),
    ),
    logLevel: "error",
  });
  fs.renameSync(part, file);
}

/**
 * Loads a TypeScript file, compiled.
 * @param {string} entry path of the file from the root of the checkout
 * @param {object} [options]
 * @param {boolean} [options.isKilled] whether the process does not end by itself. V8's code is then kept as soon as the
 *   file is loaded, and otherwise at the end, when it contains the functions that were used, too
 * @returns its exports
 */
function load(entry, { isKilled = false } = {}) {
  const file = compile(entry);
  const loaded = new Module(file, module);
  loaded.filename = file;
  loaded.paths = Module._nodeModulePaths(CACHE);
  const run = compiledByV8(file, isKilled).runInThisContext();
  run.call(loaded.exports, loaded.exports, Module.createRequire(file), loaded, file, CACHE);
  return loaded.exports;
}

/** V8 refuses the code that another version of it compiled, or with other flags; it is then written again. */
function compiledByV8(file, isKilled) {
  const kept = `${file}.v8`;
  const cachedData = fs.existsSync(kept) ? fs.readFileSync(kept) : undefined;
  const script = new vm.Script(Module.wrap(fs.readFileSync(file, "utf8")), {
    filename: file,
    cachedData,
  });
  if (cachedData === undefined || script.cachedDataRejected) {
    const keep = () => keepCode(kept, script.createCachedData());
    if (isKilled) {
      setImmediate(keep);
    } else {
      process.once("exit", keep);
    }
  }
  return script;
}

/** Written whole, as compiled files are. Without it the next start only takes longer: no reason for a command to fail. */
function keepCode(file, code) {
  const part = `${file}.${process.pid}.part`;
  try {
    fs.writeFileSync(part, code);
    fs.renameSync(part, file);
  } catch {
    fs.rmSync(part, { force: true });
  }
}

function removeOld() {
  const files = fs.readdirSync(CACHE).map((name) => path.join(CACHE, name));
  const ages = new Map(files.map((file) => [file, fs.statSync(file).mtimeMs]));
  const newest = files.sort((a, b) => ages.get(b) - ages.get(a));
  newest.slice(KEPT).forEach((file) => fs.rmSync(file, { force: true }));
}

module.exports = { compile, load };
