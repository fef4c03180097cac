import { Argument, Command, Option } from "commander";

import { SERVICE_NAMES, type ServiceName } from "../../catalog/services";
import { readIdentity } from "../backup/age";
import {
  parseStoredState,
  refuseLeftovers,
  restorePassphrase,
  seedState,
} from "../backup/content/stack-state";
import { drill, textOf } from "../backup/drill";
import { dropKept, swapBack } from "../backup/kept";
import { newerFiles } from "../backup/ledger-check";
import { checkBackup, type CheckedBackup, findBackup } from "../backup/open";
import { restoreData } from "../backup/restore";
import { placeOf } from "../backup/settings";
import { FaultError, throwIfAny } from "../fault";
import { ensureDocker } from "../machine/docker";
import { examples, offlineOption, stackOption, type StackOptions, yesOption } from "../options";
import { whileLocked } from "../stack/command-lock";
import { createStack } from "../stack/stack";
import { prepareStack } from "../update/prepare-stack";
import { updateStack } from "./up";

interface RestoreOptions extends StackOptions {
  identity?: string;
  from?: string;
  service?: ServiceName;
  sessions: boolean;
  foreign?: boolean;
  drill?: boolean;
  back?: boolean;
  dropOld?: boolean;
  yes?: boolean;
}

export const restore = new Command("restore")
  .description("restore a backup into a new stack or beside a running one, or try it out")
  .addArgument(
    new Argument("[backup]", "its time, latest, or its whole address").default("latest", "latest"),
  )
  .addOption(stackOption())
  .addOption(offlineOption())
  .option("--identity <file>", "the private key of age")
  .option("--from <place>", "where the backups are, in place of the one that the stack has")
  .addOption(new Option("--service <name>", "restore this one alone").choices(SERVICE_NAMES))
  .option("--no-sessions", "leave the session store as it is")
  .option("--foreign", "restore the data of another stack; passwords stay those of this one")
  .option("--drill", "restore into throw-away servers, compare, and change nothing")
  .option("--back", "put the databases back that the last restore replaced")
  .option("--drop-old", "drop the databases that restores have replaced and kept")
  .addOption(yesOption())
  .addHelpText(
    "after",
    examples(
      "npm run restore -- latest --stack staging --identity ~/learning-platform.key",
      "npm run restore -- 20261127T115300Z --service user-service --identity ~/learning-platform.key",
      "npm run restore -- latest --drill --identity ~/learning-platform.key",
    ),
  )
  .action(runRestore);

async function runRestore(wanted: string, options: RestoreOptions): Promise<void> {
  const { stack, yes = false } = options;
  const locked = (act: () => Promise<void>) => whileLocked({ stack, command: "restore" }, act);
  if (options.dropOld) {
    return locked(() => dropKept(options, yes));
  }
  if (options.back) {
    return locked(async () => {
      await swapBack(options, yes);
      await updateStack(options);
    });
  }
  const backup = await openBackup(wanted, options);
  if (options.drill) {
    const dockerFault = await ensureDocker((line) => console.log(line));
    throwIfAny(dockerFault ? [dockerFault] : []);
    return drill(options, backup);
  }
  return locked(() => restoreStack(backup, options));
}

/** Everything that can be refused is refused here, before anything is touched. */
async function openBackup(wanted: string, options: RestoreOptions): Promise<CheckedBackup> {
  const { stack, identity: file, from, foreign = false } = options;
  if (file === undefined) {
    throw new FaultError([
      "Give --identity FILE: the private key to the public one that the backup was encrypted for.",
    ]);
  }
  const identity = readIdentity(file);
  const found = await findBackup(wanted, stack, placeOf(stack, from));
  const { manifest, place, folder } = found;
  if (manifest.stack !== stack && !foreign) {
    throw new FaultError([
      `${place.title}/${folder} is a backup of stack ${manifest.stack}, not of ${stack}. Add --foreign to restore its data all the same.`,
    ]);
  }
  throwIfAny(options.drill ? [] : newerFiles(manifest, options.service));
  console.log(`Checking ${place.title}/${folder}, of ${manifest.createdAt}`);
  const backup = await checkBackup(found, identity);
  parseStoredState(await textOf(backup, manifest.state), manifest.stack);
  return backup;
}

async function restoreStack(backup: CheckedBackup, options: RestoreOptions): Promise<void> {
  const { stack, service, sessions, yes = false } = options;
  const say = (line: string) => console.log(line);
  if ((await prepareStack(options, say)) === undefined) {
    await beginStack(backup, options);
  }
  say(`Restoring ${backup.title} into stack ${stack}`);
  await restoreData(options, backup, { service, sessions, yes });
  say("The databases are in their places. Bringing the stack up to date:");
  await updateStack(options);
  say(`Restored ${service ?? "all services"} of ${backup.manifest.createdAt} into stack ${stack}.`);
}

/** Makes a stack that there is not yet, with the old passwords where it is the same stack. */
async function beginStack(backup: CheckedBackup, options: RestoreOptions): Promise<void> {
  const { manifest } = backup;
  if (manifest.stack === options.stack) {
    const state = parseStoredState(await textOf(backup, manifest.state), manifest.stack);
    await refuseLeftovers(state, options.stack);
    restorePassphrase(state);
    await seedState(await createStack(options.stack), state);
    console.log(`Stack ${options.stack} begins with the passwords of the backup.`);
  }
  await updateStack(options);
}
