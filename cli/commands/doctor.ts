import { Command } from "commander";

import { examine } from "../doctor/examine";
import { findingLines, summary } from "../doctor/lines";
import { examples, offlineOption, stackOption, type StackOptions } from "../options";

interface DoctorOptions extends StackOptions {
  json?: boolean;
  fix?: boolean;
}

export const doctor = new Command("doctor")
  .description("look at what a stack needs on this machine, and say what to do about each fault")
  .addOption(stackOption())
  .addOption(offlineOption())
  .option("--fix", "also do what is safe")
  .option("--json", "print JSON")
  .addHelpText(
    "after",
    "\nSafe is what loses nothing: locks of processes that have ended, stand-in plugins of an older kind, a passphrase that" +
      "\nothers can read, and objects in Docker that npm run sweep would remove and that have no state." +
      "\nThe exit code is 1 where a fault is left." +
      examples("npm run doctor", "npm run doctor -- --fix"),
  )
  .action(showFindings);

async function showFindings(options: DoctorOptions): Promise<void> {
  const first = await examine(options);
  const fixes = options.fix ? first.flatMap(({ fix }) => fix ?? []) : [];
  for (const { run } of fixes) {
    await run();
  }
  const findings = fixes.length > 0 ? await examine(options) : first;
  const fixed = fixes.map(({ done }) => done);
  if (options.json) {
    const shown = findings.map(({ fix, ...finding }) => ({
      ...finding,
      fixable: fix !== undefined,
    }));
    console.log(JSON.stringify({ findings: shown, fixed }, undefined, 2));
  } else {
    fixed.forEach((done) => console.log(`Fixed: ${done}.`));
    findingLines(findings).forEach((line) => console.log(line));
    console.log(`\n${summary(findings)}`);
  }
  process.exitCode = findings.some(({ level }) => level === "fault") ? 1 : 0;
}
