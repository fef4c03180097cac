import { down, preview, setup, up } from "./commands/commands";
import { migrations } from "./commands/migrations";
import { type Options, readOptions } from "./commands/options";
import { rotate } from "./commands/rotate";
import { FaultError } from "./fault";
import { exemptLoopback } from "./machine/environment";
import { killRunning } from "./machine/run";
import { codeOf, stopOnSignals, stopping } from "./machine/stopping";
import { whileLocked } from "./stack/command-lock";

type Command = (options: Options) => Promise<void>;

/** A command that changes its stack, and therefore has it to itself. */
const alone =
  (run: Command): Command =>
  (options) =>
    whileLocked(options, () => run(options));

const COMMANDS: Record<string, { run: Command; help: string }> = {
  up: { run: alone(up), help: "make or change the stack until it is as the program says" },
  preview: { run: preview, help: "show what up would change, and touch nothing" },
  down: { run: alone(down), help: "destroy the stack and everything that runs wrote for it" },
  rotate: { run: alone(rotate), help: "renew the passwords of one service" },
  migrations: { run: migrations, help: "status, baseline or repair of the databases' ledgers" },
  setup: {
    run: alone(setup),
    help: "install what a plain `pulumi up` needs, and print its exports",
  },
};

const USAGE = [
  "npm run <command> -- [--stack NAME] [--offline auto|always|never]",
  "",
  ...Object.entries(COMMANDS).map(([name, { help }]) => `  ${name.padEnd(10)} ${help}`),
].join("\n");

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), process.env);
  const command = COMMANDS[options.command];
  if (!command) {
    throw new FaultError([`There is no command "${options.command}".\n${USAGE}`]);
  }
  await command.run(options);
}

exemptLoopback();
stopOnSignals(killRunning);

main().catch((error: unknown) => {
  const text =
    error instanceof FaultError ? error.message : String((error as Error).stack ?? error);
  console.error(`\nRefused or failed:\n${text}`);
  if (stopping.aborted) {
    console.error("Run the command again to go on from here.");
  }
  process.exitCode = stopping.aborted ? codeOf(stopping.reason as NodeJS.Signals) : 1;
});
