import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import { Command } from "commander";

import { examples, offlineOption, stackOption, type StackOptions } from "../options";
import { readCommit } from "../report/commit";
import { createReport } from "../report/facts";
import { markdownReport } from "../report/markdown";
import { noFindings } from "../update/findings";
import { planUpdate } from "../update/plan-update";

interface PreviewOptions extends StackOptions {
  report?: string;
  json?: boolean;
}

export const preview = new Command("preview")
  .description("show what up would change, and touch nothing")
  .addOption(stackOption())
  .addOption(offlineOption())
  .option("--report <file>", "also write a Markdown report, for a comment on a pull request")
  .option("--json", "print the facts of the report as JSON; everything else goes to standard error")
  .addHelpText(
    "after",
    "\nThe exit code is 1 where up would refuse to run. The report then says why.\n" +
      "JSON alone on standard output: npm run -s preview -- --json",
  )
  .addHelpText("after", examples("npm run preview -- --stack staging --report report.md"))
  .action(showPlan);

async function showPlan(options: PreviewOptions): Promise<void> {
  const { stack, report: file, json = false } = options;
  if (file !== undefined) {
    mkdirSync(dirname(file), { recursive: true });
  }
  const findings = noFindings();
  const say = json ? (line: string) => console.error(line) : undefined;
  let error: unknown;
  try {
    await planUpdate(options, { heal: false, say, findings });
  } catch (reason) {
    error = reason;
  }
  if (file !== undefined || json) {
    const report = createReport({ stack, commit: await readCommit(), findings, error });
    if (file !== undefined) {
      writeFileSync(file, markdownReport(report));
    }
    if (json) {
      console.log(JSON.stringify(report, undefined, 2));
    }
  }
  if (error !== undefined) {
    throw error;
  }
}
