/** `npm run verify:real`: checks the rows of docs/verification.md on this machine, and writes a report. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { lastLines } from "../../cli/machine/run";
import { ROOT } from "../../cli/paths";
import { readParts } from "./parts";
import { conclusion, type Judged, markdownReport, plainReport, type Report } from "./report";
import { judgeTests, lookAndJudge, type Result, type Row, type RunningStack, worst } from "./row";
import { ROWS } from "./rows";
import { VerifiedStack } from "./stack";
import { runSuite } from "./suite";

const say = (line: string) => console.error(line);

/** The results on the command's own stack: whether it started, and the probes of each row. */
interface Looked {
  up: Result;
  probes: Map<Row, Result[]>;
}

async function look(): Promise<Looked> {
  const stack = new VerifiedStack();
  const probes = new Map<Row, Result[]>();
  try {
    const { code, stdout, stderr } = await stack.up();
    if (code !== 0) {
      const seen = lastLines(stderr.trim() || stdout, 15);
      return { up: { verdict: "differs", seen }, probes };
    }
    const running = await stack.reach();
    for (const row of ROWS) {
      probes.set(row, await probesOf(row, running));
    }
    return { up: { verdict: "ok", seen: "up ended, and every container is healthy" }, probes };
  } finally {
    await stack.down().catch((error: unknown) => say((error as Error).message));
  }
}

async function probesOf({ checks }: Row, running: RunningStack): Promise<Result[]> {
  const results: Result[] = [];
  for (const check of checks) {
    if (check.kind === "probe") {
      results.push(await lookAndJudge(check, running));
    }
  }
  return results;
}

const NOT_UP: Result = { verdict: "could not tell", seen: "the stack did not start" };

function judge(row: Row, looked: Looked, outcomes: Report["outcomes"]): Judged {
  const results = row.checks.flatMap((check): Result[] => {
    switch (check.kind) {
      case "up":
        return [looked.up];
      case "tests":
        return [judgeTests(check, outcomes)];
      case "probe":
        return looked.probes.get(row) ?? [NOT_UP];
    }
  });
  return { row, result: worst(results) };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      offline: { type: "string", default: "never" },
      output: { type: "string", default: join(ROOT, "verification") },
      tests: { type: "string", multiple: true },
    },
  });
  // The commands that create the two stacks (this one and the suite's) read this variable.
  process.env.LEARNING_PLATFORM_OFFLINE = values.offline;
  say("Creating the stack verify-real and checking it ...");
  const looked = await look();
  say("Running the e2e suite ...");
  const { outcomes, fault } = await runSuite(values.tests);
  if (fault) {
    say(fault);
  }
  const parts = await readParts();
  const report = { parts, outcomes, judged: ROWS.map((row) => judge(row, looked, outcomes)) };
  mkdirSync(values.output, { recursive: true });
  writeFileSync(join(values.output, "report.md"), markdownReport(report));
  writeFileSync(join(values.output, "report.txt"), plainReport(report));
  console.log(plainReport(report));
  say(`Reports: ${join(values.output, "report.md")} and report.txt`);
  process.exitCode = conclusion(report).code;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 2;
});
