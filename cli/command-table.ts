import { Command } from "commander";

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
  promote: () => (require("./commands/promote") as typeof import("./commands/promote")).promote,
  backup: () => (require("./commands/backup") as typeof import("./commands/backup")).backup,
  restore: () => (require("./commands/restore") as typeof import("./commands/restore")).restore,
  rotate: () => (require("./commands/rotate") as typeof import("./commands/rotate")).rotate,
  recover: () => (require("./commands/recover") as typeof import("./commands/recover")).recover,
  upgrade: () => (require("./commands/upgrade") as typeof import("./commands/upgrade")).upgrade,
  migrations: () =>
    (require("./commands/migrations") as typeof import("./commands/migrations")).migrations,
  migration: () =>
    (require("./commands/new-migration") as typeof import("./commands/new-migration")).newMigration,
  env: () => (require("./commands/env") as typeof import("./commands/env")).env,
  status: () => (require("./commands/status") as typeof import("./commands/status")).status,
  doctor: () => (require("./commands/doctor") as typeof import("./commands/doctor")).doctor,
  logs: () => (require("./commands/logs") as typeof import("./commands/logs")).logs,
  psql: () => (require("./commands/psql") as typeof import("./commands/psql")).psql,
  failover: () => (require("./commands/failover") as typeof import("./commands/failover")).failover,
  redis: () => (require("./commands/redis") as typeof import("./commands/redis")).redis,
  topic: () => (require("./commands/topic") as typeof import("./commands/topic")).topic,
  completion: () =>
    (require("./commands/completion") as typeof import("./commands/completion")).createCompletion(
      () => createCommandLine(),
    ),
  verify: () => (require("./commands/verify") as typeof import("./commands/verify")).verify,
  sweep: () => (require("./commands/sweep") as typeof import("./commands/sweep")).sweep,
  setup: () => (require("./commands/setup") as typeof import("./commands/setup")).setup,
  "lint-schemas": () =>
    (require("./commands/lint-schemas") as typeof import("./commands/lint-schemas"))
      .lintSchemaFiles,
  "lint-migrations": () =>
    (require("./commands/lint-migrations") as typeof import("./commands/lint-migrations"))
      .lintMigrationFiles,
};
/* eslint-enable @typescript-eslint/no-require-imports */

/**
 * commander, and not citty 0.2: citty takes unknown options and words without an error, keeps only the last of a repeated
 * option, and reads no environment variable. Neither completes the options of an npm script; npm completes their names.
 */
const createProgram = () =>
  new Command("npm run")
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

/** The program with one command, or with all where there is none of that name. */
export function createCommandLine(name = ""): Command {
  const program = createProgram();
  const wanted = name in COMMANDS ? [name] : Object.keys(COMMANDS);
  wanted.forEach((each) => program.addCommand(COMMANDS[each]()));
  configureHelp(program);
  return program;
}

/** Subcommands that are added as objects do not inherit these settings. */
function configureHelp(command: Command): void {
  command
    .configureHelp({ commandUsage: usageOf })
    .showHelpAfterError("Add -- --help to see all options.");
  command.commands.forEach(configureHelp);
}
