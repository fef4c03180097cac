import { Command, Option } from "commander";

import { FaultError } from "../fault";
import { examples, offlineOption, stackOption, type StackOptions, yesOption } from "../options";
import { whileLocked } from "../stack/command-lock";
import { npmCommand } from "../status/next-steps";
import { discardKept, goBack } from "../upgrade/back";
import { upgradeData } from "../upgrade/forward";
import { updateStack } from "./up";

interface UpgradeOptions extends StackOptions {
  postgres?: string;
  back?: boolean;
  discard?: boolean;
  backup: boolean;
  yes?: boolean;
}

export const upgrade = new Command("upgrade")
  .description("move PostgreSQL in a container to a later major version, with its data")
  .addOption(stackOption())
  .addOption(offlineOption())
  .option("--postgres <image>", "image of the later version; by default the stack's postgresImage")
  .option("--no-backup", "make no backup first, where the stack has a place for backups")
  .addOption(
    new Option("--back", "go back to the version before, with the data that it had then").conflicts(
      ["postgres"],
    ),
  )
  .addOption(
    new Option("--discard", "remove the volumes of other versions").conflicts(["postgres", "back"]),
  )
  .addOption(yesOption())
  .addHelpText(
    "after",
    "\nPostgreSQL is down while its data is copied and compared. The old volume stays until --discard. docs/upgrades.md" +
      examples(
        "npm run upgrade -- --postgres postgres:17-alpine",
        "npm run upgrade -- --back --stack staging",
        "npm run upgrade -- --discard",
      ),
  )
  .action((options: UpgradeOptions) =>
    whileLocked({ stack: options.stack, command: "upgrade" }, () => runUpgrade(options)),
  );

async function runUpgrade(options: UpgradeOptions): Promise<void> {
  const { stack, yes = false } = options;
  const say = (line: string) => console.log(line);
  if (options.discard) {
    return discardKept(options, yes, say);
  }
  const version = options.back
    ? await goBack(options, yes, say)
    : await upgradeData(options, { yes, image: options.postgres, backup: options.backup }, say);
  say(
    "\nBringing the stack up with it, as npm run up does. Until then its databases do not answer:",
  );
  try {
    await updateStack(options);
    if (options.back) {
      // Only a server that answers says which migrations it lacks.
      say("\nBringing migrations and rights of the older data up to date:");
      await updateStack(options);
    }
  } catch (error) {
    const back = options.back ? "" : `, or go back: ${npmCommand(stack, "upgrade", ["--back"])}`;
    const advice = `The data is in its place. Mend this and run ${npmCommand(stack, "up")}${back}`;
    throw error instanceof FaultError ? new FaultError([...error.faults, advice]) : error;
  }
  say(`\nStack ${stack} runs PostgreSQL ${version.major}. Its settings file says so: commit it.`);
  say(`  ${npmCommand(stack, "verify")}  checks the whole platform`);
  if (!options.back) {
    say(`  ${npmCommand(stack, "upgrade", ["--back"])}  goes back to the data of before`);
  }
  say(`  ${npmCommand(stack, "upgrade", ["--discard"])}  removes the volume that was replaced`);
}
