import { Command } from "commander";

import { createIdentity } from "../backup/age";
import { createBackup } from "../backup/create";
import { listBackups, outdated, removeBackup } from "../backup/list";
import { dueIn } from "../backup/schedule";
import { targetOf } from "../backup/settings";
import { ensureEngine } from "../engine/install";
import { throwIfAny } from "../fault";
import { examples, offlineOption, stackOption, type StackOptions } from "../options";
import { whileLocked } from "../stack/command-lock";
import { configurationFaults, refuseUnknownStack, stackConfiguration } from "../stack/settings";

interface BackupOptions extends StackOptions {
  to?: string;
  recipient?: string;
  due?: boolean;
  newKey?: string;
}

export const backup = new Command("backup")
  .description("write the databases, sessions and state of a stack, encrypted, to a folder or S3")
  .addOption(stackOption())
  .addOption(offlineOption())
  .option("--to <place>", "a folder, or s3://BUCKET/PREFIX, in place of the one that the stack has")
  .option("--recipient <key>", "public key of age, in place of the one that the stack has")
  .option("--due", "do nothing unless the last good backup is older than backupEveryHours")
  .option("--new-key <file>", "only write a new private key to a file, and print its public key")
  .addHelpText(
    "after",
    "\nS3: logins as the AWS command line finds them; AWS_ENDPOINT_URL names a server of your own." +
      examples(
        "npm run backup -- --new-key ~/learning-platform.key",
        "npm run backup -- --stack staging --to s3://backups/learning-platform",
      ),
  )
  .action(runBackup);

async function runBackup({ newKey, due, to, recipient, ...options }: BackupOptions): Promise<void> {
  const say = (line: string) => console.log(line);
  if (newKey !== undefined) {
    const made = await createIdentity(newKey);
    say(
      `The private key is in ${newKey}. Keep it where the backups are not: without it, nobody reads them.`,
    );
    say(`learning-platform:backupRecipient: ${made}`);
    return;
  }
  throwIfAny(configurationFaults(options.stack));
  const { backupEveryHours, backupKeep } = stackConfiguration(options.stack);
  if (due && backupEveryHours === 0) {
    say("No backup is due: learning-platform:backupEveryHours is 0.");
    return;
  }
  refuseUnknownStack(options.stack);
  const target = await targetOf(options.stack, { to, recipient });
  if (due) {
    const wait = dueIn(
      await listBackups(target.place, options.stack),
      backupEveryHours,
      new Date(),
    );
    if (wait !== undefined) {
      say(wait);
      return;
    }
  }
  await ensureEngine(options.offline, say);
  await whileLocked({ stack: options.stack, command: "backup" }, async () => {
    await createBackup(options, target);
    const found = await listBackups(target.place, options.stack);
    for (const old of outdated(found, backupKeep, new Date())) {
      await removeBackup(target.place, old);
      say(`Removed ${old.folder}`);
    }
  });
}
