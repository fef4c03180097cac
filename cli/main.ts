import { Command } from "commander";

import { FaultError } from "./fault";
import { exemptLoopback } from "./machine/environment";
import { killRunning } from "./machine/run";
import { codeOf, stopOnSignals, stopping } from "./machine/stopping";
import { mark } from "./timings";

/* eslint-disable @typescript-eslint/no-require-imports -- tsx leaves a dynamic import to Node.js, which finds no .ts file. */
/** Each command declares its options and help itself. Only the one that is called is loaded, so that it starts fast. */
const COMMANDS: Record<string, () => Command> = {
  up: () => (require("./commands/up") as typeof import("./commands/up")).up,
  preview: () => (require("./commands/preview") as typeof import("./commands/preview")).preview,
  comment: () => (require("./commands/comment") as typeof import("./commands/comment")).comment,
  down: () => (require("./commands/down") as typeof import("./commands/down")).down,
  environment: () =>
    (require("./commands/environment") as typeof import("./commands/environment")).environment,
  "post-reports": () =>
    (require("./commands/post-reports") as typeof import("./commands/post-reports")).postReports,
  rotate: () => (require("./commands/rotate") as typeof import("./commands/rotate")).rotate,
  migrations: () =>
    (require("./commands/migrations") as typeof import("./commands/migrations")).migrations,
  migration: () =>
    (require("./commands/new-migration") as typeof import("./commands/new-migration")).newMigration,
  verify: () => (require("./commands/verify") as typeof import("./commands/verify")).verify,
  sweep: () => (require("./commands/sweep") as typeof import("./commands/sweep")).sweep,
  setup: () => (require("./commands/setup") as typeof import("./commands/setup")).setup,
  "lint-migrations": () =>
    (require("./commands/lint-migrations") as typeof import("./commands/lint-migrations"))
      .lintMigrationFiles,
};
/* eslint-enable @typescript-eslint/no-require-imports */

/**
 * commander, and not citty 0.2: citty takes unknown options and words without an error, keeps only the last of a repeated
 * option, and reads no environment variable. Neither completes the options of an npm script; npm completes their names.
 */
const program = new Command("npm run")
  .description("The data platform of a learning product. Each command: npm run COMMAND -- --help")
  .helpCommand(false);

/** npm passes on only what stands behind two hyphens: `npm run migrations -- status --json`. */
function usageOf(command: Command): string {
  const names: string[] = [];
  for (let each: Command | null = command; each?.parent; each = each.parent) {
    names.unshift(each.name());
  }
  const [script = "COMMAND", ...words] = names;
  return ["npm run", script, "--", ...words, command.usage()].join(" ");
}

async function main(args: string[]): Promise<void> {
  const [name = ""] = args;
  const wanted = name in COMMANDS ? [name] : Object.keys(COMMANDS);
  for (const each of wanted) {
    program.addCommand(COMMANDS[each]());
  }
  configureHelp(program);
  await program.parseAsync(args, { from: "user" });
}

/** Subcommands that are added as objects do not inherit these settings. */
function configureHelp(command: Command): void {
  command
    .configureHelp({ commandUsage: usageOf })
    .showHelpAfterError("Add -- --help to see all options.");
  command.commands.forEach(configureHelp);
}

mark("loaded");
exemptLoopback();
stopOnSignals(killRunning);

process.once("exit", () => mark("end"));
main(process.argv.slice(2)).catch((error: unknown) => {
  const text =
    error instanceof FaultError ? error.message : String((error as Error).stack ?? error);
  console.error(`\nRefused or failed:\n${text}`);
  if (stopping.aborted) {
    console.error("Run the command again to continue.");
  }
  process.exitCode = stopping.aborted ? codeOf(stopping.reason as NodeJS.Signals) : 1;
});
