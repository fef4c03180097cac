/** Sets up what the suites need and runs them one after another; the last line counts their tests. */
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";

import { FaultError } from "../cli/fault";
import { ensureImages, type NeededImage } from "../cli/machine/images";
import { readOffline } from "../cli/options";
import { prepareMachine } from "../cli/update/prepare-machine";
import { parseProjectDefaults } from "./e2e/support/project";
import { failuresIn } from "./support/failures";

interface Suite {
  name: string;
  /** Arguments of mocha for each part, the longest first. */
  parts: string[][];
  /** Returns why the suite cannot run here, or undefined where it can. */
  prepare?: () => Promise<string | undefined>;
}

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** What a part of a suite, or the preparation of one, came to. */
interface Result {
  counts: Counts;
  /** What failed and why; undefined if nothing did. */
  failures?: string;
}

const say = (line: string) => console.log(line);

const SQL_HOOKS = ["--require", "tests/sql/support/hooks.ts", "--timeout", "20000"];

/** Each of these files has stacks of its own, so that they run beside any other. */
const OWN_STACKS = "tests/e2e/own-stacks";

const suites: Suite[] = [
  // A busy machine takes its time; a test that hangs is still found.
  { name: "unit", parts: [["--timeout", "20000", "tests/unit/**/*.test.ts"]] },
  {
    name: "sql",
    parts: [
      [...SQL_HOOKS, "tests/sql/{backup,client,isolation,plugin,queries,schema}/**/*.test.ts"],
      [...SQL_HOOKS, "tests/sql/{migrations,types}/**/*.test.ts"],
    ],
  },
  {
    name: "e2e",
    parts: [
      // They share the stack dev, and so nothing can be said after one has failed.
      [
        ...["--bail", "--require", "tests/e2e/support/hooks.ts", "--timeout", "600000"],
        "tests/e2e/*.test.ts",
      ],
      ...readdirSync(OWN_STACKS)
        .filter((name) => name.endsWith(".test.ts"))
        .map((name) => ["--timeout", "600000", `${OWN_STACKS}/${name}`]),
    ],
    prepare: prepareE2e,
  },
];

/** Parts of suites of one row run beside each other. */
const ROWS = [["unit", "sql"], ["e2e"]];

/** Parts that run at the same time. */
const PARTS_AT_ONCE = 2;

async function prepareE2e(): Promise<string | undefined> {
  const offline = readOffline();
  const defaults = parseProjectDefaults();
  const needed = (["postgres", "redis", "redpanda", "console"] as const).map(
    (kind): NeededImage => ({ kind, name: defaults[`${kind}Image`] }),
  );
  const fault = await prepareMachine(needed, offline, say);
  if (fault === undefined) {
    await ensureImages(needed, offline, say);
  }
  return fault;
}

/**
 * Runs mocha, and reads the counts and the failures from its closing lines.
 * @param print is given what mocha prints
 */
function mocha(args: string[], print: Print): Promise<Result> {
  return new Promise((resolve) => {
    const child = spawn(
      process.execPath,
      [
        require.resolve("mocha/bin/mocha.js"),
        "--require",
        "tsx/cjs",
        "--no-config",
        "--reporter",
        "tests/support/reporter.ts",
        "--no-color",
        ...args,
      ],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    let printed = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
      print(text);
    });
    child.on("close", (code) => {
      const count = (word: string) =>
        Number(new RegExp(`^ {2}(\\d+) ${word}`, "m").exec(printed)?.[1] ?? 0);
      const counts = {
        passed: count("passing"),
        failed: count("failing"),
        skipped: count("pending"),
      };
      // A suite that broke off, or found no test, has failed even if no test of it did.
      const brokeOff = (code !== 0 || counts.passed + counts.skipped === 0) && counts.failed === 0;
      if (brokeOff) {
        counts.failed = 1;
      }
      resolve({ counts, failures: counts.failed > 0 ? failuresIn(printed) : undefined });
    });
  });
}

type Print = (text: string) => void;

/** Number of a suite's tests, without running one. */
async function size({ parts }: Suite): Promise<number> {
  const results = await Promise.all(parts.map((args) => mocha(["--dry-run", ...args], () => {})));
  return results.reduce((sum, { counts }) => sum + counts.passed, 0);
}

/** The result of a suite that cannot run here, or must not; undefined where it can. */
async function obstacleOf(suite: Suite, print: Print): Promise<Result | undefined> {
  try {
    const reason = await suite.prepare?.();
    if (reason === undefined) {
      return undefined;
    }
    print(`The suite ${suite.name} is skipped: ${reason}\n`);
    return { counts: { passed: 0, failed: 0, skipped: await size(suite) } };
  } catch (error) {
    const failures = error instanceof FaultError ? error.message : String((error as Error).stack);
    print(`${failures}\n`);
    return { counts: { passed: 0, failed: 1, skipped: 0 }, failures };
  }
}

/** Runs the parts of suites, a few at a time. The first part prints as it goes; the others print when they have ended. */
async function runRow(row: Suite[]): Promise<Result[]> {
  const now: Print = (text) => process.stdout.write(text);
  const results: Result[] = [];
  const parts: { title: string; args: string[] }[] = [];
  for (const suite of row) {
    const obstacle = await obstacleOf(suite, now);
    if (obstacle) {
      results.push(obstacle);
    } else {
      parts.push(...suite.parts.map((args) => ({ title: suite.name, args })));
    }
  }
  const queue = parts.entries();
  /** What is printed once the first part has ended; undefined from then on. */
  let held: string | undefined = "";
  const work = async () => {
    for (const [index, { title, args }] of queue) {
      let printed = `\n== ${title}\n`;
      if (index === 0) {
        now(printed);
        results.push(await mocha(args, now));
        now(held ?? "");
        held = undefined;
        continue;
      }
      results.push(await mocha(args, (text) => (printed += text)));
      if (held === undefined) {
        now(printed);
      } else {
        held += printed;
      }
    }
  };
  await Promise.all(Array.from({ length: PARTS_AT_ONCE }, work));
  return results;
}

async function main(): Promise<void> {
  const names = process.argv.slice(2);
  const wanted = suites.filter(({ name }) => names.length === 0 || names.includes(name));
  const total: Counts = { passed: 0, failed: 0, skipped: 0 };
  const failed: string[] = [];
  for (const row of ROWS) {
    const chosen = wanted.filter(({ name }) => row.includes(name));
    for (const { counts, failures } of chosen.length > 0 ? await runRow(chosen) : []) {
      for (const key of Object.keys(total) as (keyof Counts)[]) {
        total[key] += counts[key];
      }
      if (failures !== undefined) {
        failed.push(failures);
      }
    }
  }
  if (names.length > wanted.length) {
    say(
      `There are the suites ${suites.map(({ name }) => name).join(", ")}, not ${names.join(", ")}.`,
    );
  }
  // Once more, since the reader of a long log begins at its end.
  failed.forEach((failures) => say(`\n== failed\n\n${failures}\n`));
  say(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  process.exitCode = total.failed > 0 || total.passed === 0 || names.length > wanted.length ? 1 : 0;
}

void main();
