import { Command } from "commander";

import { LintError } from "../../migration-lint";
import { FaultError } from "../fault";
import { lintFolders } from "../migrations/lint";
import { examples } from "../options";

export const lintMigrationFiles = new Command("lint-migrations")
  .description("find statements in sql/ that lock out services or lose data")
  .addHelpText("after", examples("npm run lint"))
  .action(async () => {
    try {
      const { lines, failed } = await lintFolders();
      lines.forEach((line) => console.log(line));
      process.exitCode = failed ? 1 : 0;
    } catch (error) {
      throw error instanceof LintError ? new FaultError([error.message]) : error;
    }
  });
