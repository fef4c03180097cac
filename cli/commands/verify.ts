import { writeFileSync } from "node:fs";

import { Command } from "commander";

import { MigrationFilesError } from "../../migrator";
import { FaultError } from "../fault";
import { examples, offlineOption, stackOption, type StackOptions } from "../options";
import { outputsOf, readStack } from "../stack/outputs";
import { areasOf } from "../verify/areas";
import { markdownReport } from "../verify/markdown";
import { type Platform, platformOf } from "../verify/platform";
import { EXIT_CODES, report } from "../verify/report";
import { tableReport } from "../verify/table";

interface VerifyOptions extends StackOptions {
  json?: boolean;
  markdown?: string;
}

export const verify = new Command("verify")
  .description("use every part of the running platform once, and say what is right; leaves nothing")
  .addOption(stackOption())
  .addOption(offlineOption())
  .option("--json", "print JSON")
  .option("--markdown <file>", "write the report to a file as well, as Markdown")
  .addHelpText(
    "after",
    "\nThe exit code is 0 if all is right, 1 if anything is wrong, else 2 if anything is unknown." +
      examples("npm run verify", "npm run verify -- --stack pr-7 --markdown report.md"),
  )
  .action(async ({ json, markdown, ...options }: VerifyOptions) => {
    try {
      const made = await report(options.stack, areasOf(await openPlatform(options), options.stack));
      if (markdown !== undefined) {
        writeFileSync(markdown, markdownReport(made));
      }
      console.log(json ? JSON.stringify(made, undefined, 2) : tableReport(made).join("\n"));
      process.exitCode = EXIT_CODES[made.verdict];
    } catch (error) {
      if (!(error instanceof FaultError || error instanceof MigrationFilesError)) {
        throw error;
      }
      console.error(`\nNothing was verified:\n${error.message}`);
      process.exitCode = EXIT_CODES.unknown;
    }
  });

/** @throws FaultError where the stack's state cannot be read, or no update of it has ended */
async function openPlatform(options: StackOptions): Promise<Platform> {
  const resources = await readStack(options);
  return platformOf(resources, outputsOf(options.stack, resources));
}
