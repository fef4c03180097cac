import { Command, Option } from "commander";

import { FaultError, throwIfAny } from "../fault";
import { inspectObject, volumeCreation } from "../machine/docker";
import { dockerOk } from "../machine/docker-command";
import { examples, offlineOption, stackOption, type StackOptions, yesOption } from "../options";
import { choosePath, type RecoveryPath } from "../recover/archive";
import { discardRecovery, recoverBeside, RECOVERY } from "../recover/beside";
import { archiveUpToNow } from "../recover/catch-up";
import { type Moment, parseMoment, showMoment } from "../recover/moment";
import {
  archivedVolume,
  askArchive,
  type RecoveryServers,
  replicaFaults,
  serversOf,
} from "../recover/servers";
import { discard, keptPath, listKept, refuseFullDisk, switchData } from "../recover/switch";
import { whileLocked } from "../stack/command-lock";
import { readStack } from "../stack/outputs";
import { configurationFaults } from "../stack/settings";
import type { StackResource } from "../stack/state";
import { confirm } from "../terminal/confirm";
import { runUp, updateStack } from "./up";

interface RecoverOptions extends StackOptions {
  to?: Moment;
  undo?: boolean;
  list?: boolean;
  discard?: boolean;
  yes?: boolean;
}

export const recover = new Command("recover")
  .description("take PostgreSQL back to a moment, from the archive of its WAL")
  .addOption(
    new Option("--to <time>", "the moment, ISO 8601 with zone, or latest").argParser(parseMoment),
  )
  .addOption(
    new Option("--undo", "put the data back that the last recovery replaced").conflicts("to"),
  )
  .addOption(
    new Option("--list", "show the base backups and the kept data").conflicts(["to", "undo"]),
  )
  .addOption(
    new Option("--discard", "remove the data that recoveries replaced").conflicts([
      ...["to", "undo", "list"],
    ]),
  )
  .addOption(stackOption())
  .addOption(offlineOption())
  .addOption(yesOption())
  .addHelpText(
    "after",
    "\nThe data is recovered beside the running server first: where that fails, nothing was changed. What is replaced is kept until --discard." +
      examples(
        "npm run recover -- --to 2026-03-01T14:30:00Z",
        "npm run recover -- --to latest --stack staging",
      ),
  )
  .action(async (options: RecoverOptions) => {
    const isChange = await whileLocked({ stack: options.stack, command: "recover" }, () =>
      act(options),
    );
    if (isChange) {
      // Passwords, rights and the ledger of migrations are those of the moment.
      console.log("\nBringing everything else up to date, as npm run up does:");
      await runUp(options);
      console.log(`\nCheck the platform with npm run verify -- --stack ${options.stack}.`);
    }
  });

/** @returns whether the server has other data now */
async function act(options: RecoverOptions): Promise<boolean> {
  const say = (line: string) => console.log(line);
  const isRecovery = options.to !== undefined;
  const present = await readStack(options);
  const resources =
    isRecovery && (await replaceLostVolume(present, options, say))
      ? await readStack(options)
      : present;
  const servers = serversOf(options.stack, resources);
  if (options.list) {
    await list(servers, say);
    return false;
  }
  if (options.discard) {
    await discardKept(servers, options.yes ?? false, say);
    return false;
  }
  // The update that follows needs them, and must not find out after the change.
  throwIfAny([...replicaFaults(options.stack, resources), ...configurationFaults(options.stack)]);
  if (options.undo) {
    await undo(servers, options.yes ?? false, say);
    return true;
  }
  if (options.to === undefined) {
    throw new FaultError(["Name the moment with --to, or see --help."]);
  }
  await recoverTo(servers, options.to, options.yes ?? false, say);
  return true;
}

/**
 * Puts an empty server in the place of one whose volume is lost: a recovery works beside a server.
 * @returns whether the volume was lost
 */
async function replaceLostVolume(
  resources: readonly StackResource[],
  { yes = false, ...options }: RecoverOptions,
  say: Say,
): Promise<boolean> {
  const { stack } = options;
  const lost = archivedVolume(resources);
  if (lost === undefined || (await inspectObject("volume", lost.name)) !== undefined) {
    return false;
  }
  throwIfAny([...replicaFaults(stack, resources), ...configurationFaults(stack)]);
  say(
    `The volume ${lost.name} is missing. An empty server takes its place until its data is recovered.`,
  );
  await confirm(`Start an empty server on stack ${stack}?`, yes);
  await dockerOk(`The volume ${lost.name} was not made`, volumeCreation(lost.name, lost.labels));
  try {
    await updateStack(options);
  } catch (error) {
    // The archive is that of the lost server, and takes nothing from another one: its container does not become healthy.
    say(`As expected, the update did not end well:\n${(error as Error).message}\n`);
  }
  return true;
}

type Say = (line: string) => void;

async function recoverTo(servers: RecoveryServers, moment: Moment, yes: boolean, say: Say) {
  const path = choosePath(await askArchive(servers), moment, new Date());
  if (typeof path === "string") {
    throw new FaultError([path]);
  }
  await refuseFullDisk(servers, path.backup.bytes);
  planLines(servers, path, moment).forEach(say);
  await confirm(`Recover stack ${servers.stack}?`, yes);
  if (path.isSameServer) {
    await archiveUpToNow(servers, say);
  }
  const stopped = await recoverBeside(servers, path, moment, say);
  if (stopped !== undefined) {
    say(`PostgreSQL: ${stopped}`);
  }
  const kept = await switchRecovered(servers, say);
  say(`Recovered to ${showMoment(moment)}. The replaced data is kept as ${kept}.`);
  say("  npm run recover -- --undo puts it back, npm run recover -- --discard removes it");
}

/** Where the switch fails, the recovered data leave the disk, so that there is room for the next attempt, or for --undo. */
async function switchRecovered(servers: RecoveryServers, say: Say): Promise<string> {
  try {
    return await switchData(servers, `${RECOVERY}/data`, RECOVERY, say);
  } catch (error) {
    await discardRecovery(servers);
    throw error;
  }
}

const planLines = (
  { stack }: RecoveryServers,
  { backup, timeline }: RecoveryPath,
  moment: Moment,
): string[] => [
  `Recovery of PostgreSQL of stack ${stack} to ${showMoment(moment)}, on timeline ${timeline}:`,
  `  1. Base backup ${backup.id}, which ended at ${new Date(backup.endTime).toISOString()}, is restored beside the server, and the WAL`,
  "     up to the moment replayed. The server goes on. Where this fails, nothing was changed.",
  "  2. PostgreSQL stops. Its data is kept, and the recovered data takes its place. Services lose their connections, and",
  "     all that was written after the moment is gone from the four databases.",
  "  3. It starts with the stack's passwords, and npm run up brings migrations and rights up to date.",
  "Redis and the broker stay as they are: sessions and events after the moment are still there.",
];

async function undo(servers: RecoveryServers, yes: boolean, say: Say): Promise<void> {
  const last = (await listKept(servers)).at(-1);
  if (last === undefined) {
    throw new FaultError(["No recovery's data is kept. Nothing was changed."]);
  }
  await refuseFullDisk(servers, keptPath(last));
  say(`PostgreSQL of stack ${servers.stack} gets the data back that it had at ${last}.`);
  say("What was written since is kept in its stead.");
  await confirm("Put it back?", yes);
  const kept = await switchData(servers, keptPath(last), keptPath(last), say);
  say(`The data of ${last} is back. What it replaced is kept as ${kept}.`);
}

async function discardKept(servers: RecoveryServers, yes: boolean, say: Say): Promise<void> {
  const kept = await listKept(servers);
  if (kept.length === 0) {
    say("No recovery's data is kept.");
    return;
  }
  say(`Removing ${kept.join(", ")}, after which no recovery can be taken back.`);
  await confirm("Remove it?", yes);
  await discard(servers, kept);
}

async function list(servers: RecoveryServers, say: Say): Promise<void> {
  const { backups } = await askArchive(servers);
  say(backups.length > 0 ? "Base backups, oldest first:" : "The archive has no base backup.");
  for (const { id, endTime, timeline, bytes } of backups) {
    const megabytes = Math.ceil(bytes / 1_000_000);
    say(`  ${id}  ended ${new Date(endTime).toISOString()}  timeline ${timeline}  ${megabytes} MB`);
  }
  const kept = await listKept(servers);
  say(kept.length > 0 ? `Kept data: ${kept.join(", ")}` : "No recovery's data is kept.");
}
