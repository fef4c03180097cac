// @ts-check
/**
 * Shows how far `go` is, a line every few seconds, from what it prints on standard input:
 *
 *   go list ... 2>&1 >PACKAGES | node build-progress.js modules GO_MOD... LOG
 *   go build -v ... 2>&1 | node build-progress.js packages PACKAGES LOG
 *
 * GO_MOD are the go.mod files of the modules. PACKAGES has a line for each package that is to be compiled: its import
 * path, its name, its folder and its files, separated by tabs. LOG gets everything that go prints.
 */
"use strict";

const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const readline = require("node:readline");
const { clearInterval, setInterval } = require("node:timers");

const LINE_MS = 5_000;

/** What a package takes besides its source, and what linking a command takes, as bytes of source that take as long. */
const PACKAGE_BYTES = 33_000;
const LINK_BYTES = 2_000_000;

/** @typedef {import("./build-progress").Package} Package */

/** How far a build is, and how long the rest takes, by the bytes of source that were compiled a second. */
class BuildEstimate {
  /**
   * @param {Package[]} packages two modules may name one package (in one folder); it is compiled once
   * @param {number} processors packages that are compiled at the same time
   */
  constructor(packages, processors) {
    const once = [...new Map(packages.map((one) => [one.folder, one])).values()];
    this.processors = processors;
    /** Packages with which go has not begun. */
    this.waiting = once;
    /** Costs of the others, in the order in which go began with them. */
    this.begun = /** @type {number[]} */ ([]);
    this.lastSeconds = 0;
    this.links = once.filter(({ name }) => name === "main").length * LINK_BYTES;
    this.total = this.links + sum(once.map(costOf));
  }

  /**
   * Takes a line of `go build -v`: the import path of a package with which it begins.
   * @param {string} text
   * @param {number} seconds since the start
   */
  line(text, seconds) {
    const at = this.waiting.findIndex(({ importPath }) => importPath === text);
    if (at >= 0) {
      this.begun.push(...this.waiting.splice(at, 1).map(costOf));
      this.lastSeconds = seconds;
    }
  }

  /**
   * @param {number} seconds since the start
   * @returns {{ percent: number, left?: number }} left in seconds, undefined while there is too little to tell from
   */
  at(seconds) {
    const running = sum(this.begun.slice(-this.processors));
    const finished = sum(this.begun) - running;
    const pending = running + (this.waiting.length === 0 ? this.links : 0);
    const speed = finished / Math.max(this.lastSeconds, 1);
    const done = finished + Math.min(pending, speed * (seconds - this.lastSeconds));
    const percent = Math.min(99, Math.floor((100 * done) / this.total));
    return percent < 5 ? { percent } : { percent, left: (this.total - done) / speed };
  }
}

/** @param {Package} one */
const costOf = ({ bytes }) => bytes + PACKAGE_BYTES;

/** @param {number[]} numbers */
const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

/** @param {string} text lines of PACKAGES @returns {Package[]} */
const packagesIn = (text) =>
  text
    .split("\n")
    .filter(Boolean)
    .map((row) => {
      const [importPath, name, folder, ...files] = row.split("\t");
      const bytes = sum(files.map((file) => fs.statSync(path.join(folder, file)).size));
      return { importPath, name, folder, bytes };
    });

class ModulesProgress {
  /** @param {string[]} goMods texts of go.mod files */
  constructor(goMods) {
    this.all = new Set(goMods.flatMap((text) => text.match(/^\t\S+ v\S+/gm) ?? [])).size;
    this.fetched = 0;
  }

  /** @param {string} line */
  line(line) {
    this.fetched += line.startsWith("go: downloading ") ? 1 : 0;
  }

  text() {
    return `engine and plugins: ${Math.min(this.fetched, this.all)} of ${this.all} Go modules fetched`;
  }
}

class PackagesProgress extends BuildEstimate {
  /** @param {string} list text of PACKAGES */
  constructor(list) {
    super(packagesIn(list), os.availableParallelism());
  }

  /** @param {number} seconds since the start */
  text(seconds) {
    const { percent, left } = this.at(seconds);
    const time = left === undefined ? "" : `, about ${roundedTime(left)} left`;
    return `engine and plugins: ${percent} % compiled${time}`;
  }
}

/** Whole tens of seconds: the estimate knows no better. @param {number} seconds */
function roundedTime(seconds) {
  const tens = Math.max(1, Math.round(seconds / 10)) * 10;
  const [minutes, rest] = [Math.floor(tens / 60), tens % 60];
  return [minutes && `${minutes} min`, rest && `${rest} s`].filter(Boolean).join(" ");
}

/** @param {string[]} arguments_ */
function main([what, ...files]) {
  const log = /** @type {string} */ (files.pop());
  const texts = files.map((file) => fs.readFileSync(file, "utf8"));
  const start = Date.now();
  const seconds = () => (Date.now() - start) / 1000;
  const progress = what === "modules" ? new ModulesProgress(texts) : new PackagesProgress(texts[0]);
  const lines = readline.createInterface({ input: process.stdin });
  lines.on("line", (line) => {
    fs.appendFileSync(log, `${line}\n`);
    progress.line(line, seconds());
  });
  const timer = setInterval(() => process.stdout.write(`${progress.text(seconds())}\n`), LINE_MS);
  lines.on("close", () => clearInterval(timer));
}

module.exports = { BuildEstimate, roundedTime };

if (require.main === module) {
  main(process.argv.slice(2));
}
