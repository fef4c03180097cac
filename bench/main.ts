/** `npm run bench`: prints how long things take, and asserts nothing. */
import { Command } from "commander";

import { lastLines } from "../cli/machine/run";
import { stackOption } from "../cli/options";
import { compareMigrations } from "./migrations/compare";
import { type BenchOptions, roundsOption } from "./options";
import { printPhases } from "./phases/print";
import { measureEphemeral } from "./platform/ephemeral";
import { comparePlatform } from "./platform/rounds";

const program = new Command("npm run bench --")
  .description("Measures the platform. docs/performance.md has the figures.")
  .helpCommand(false);

program
  .command("platform", { isDefault: true })
  .description("up, preview and down beside the engine alone and Docker Compose")
  .addOption(roundsOption())
  .addOption(stackOption())
  .action((options: BenchOptions) => comparePlatform(options));
program
  .command("phases")
  .description("where the time of up, preview and down goes")
  .addOption(roundsOption())
  .addOption(stackOption())
  .action((options: BenchOptions) => printPhases(options));
program
  .command("migrations")
  .description("the migrator beside node-pg-migrate, Flyway and dbmate")
  .addOption(roundsOption())
  .addOption(stackOption())
  .action((options: BenchOptions) => compareMigrations(options));

program
  .command("ephemeral")
  .description("one environment of a pull request, and three at once")
  .addOption(roundsOption())
  .action((options: Pick<BenchOptions, "rounds">) => measureEphemeral(options));

program.parseAsync(process.argv.slice(2), { from: "user" }).catch((error: unknown) => {
  console.error(lastLines(String((error as Error).stack), 30));
  process.exitCode = 1;
});
