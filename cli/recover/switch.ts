/** Puts data in the place of the server's, and keeps what was there. */
import { setTimeout as sleep } from "node:timers/promises";

import { ARCHIVE_HOME, DATA_HOME } from "../../catalog/wal-archive";
import { FaultError } from "../fault";
import { listContainers } from "../machine/docker";
import { docker, dockerOk } from "../machine/docker-command";
import type { RecoveryServers } from "./servers";

/** Start of the names of folders with data that was replaced, on the archive's volume. */
const KEPT = "before-";
/** From the server's stop to its start, Ctrl-C waits. */
const WHOLE = { stopBy: "none" } as const;
const HEALTHY_MS = 180_000;

/**
 * Keeps the data of the server in $1 and puts that of $2 in its place. Each copy is whole before anything is removed, so
 * that one of the two is there whenever this is killed.
 */
const SCRIPT = `
set -eu
rm -rf "$1.part"
cp -a ${DATA_HOME} "$1.part"
sync
mv "$1.part" "$1"
find ${DATA_HOME} -mindepth 1 -delete
cp -a "$2"/. ${DATA_HOME}
sync
rm -rf "$3"
`;

/**
 * @param from folder of the data to take, on the archive's volume
 * @param used folder to remove when it was taken
 * @returns folder in which the data that was replaced is kept
 */
export async function switchData(
  servers: RecoveryServers,
  from: string,
  used: string,
  say: (line: string) => void,
): Promise<string> {
  const { postgres, archiver, image, data, archive } = servers;
  const kept = `${KEPT}${new Date().toISOString().replace(/[-:]|\.\d+/g, "")}`;
  say("Stopping PostgreSQL ...");
  await dockerOk("PostgreSQL did not stop", ["stop", "--time", "60", postgres], WHOLE);
  say(`Keeping its data as ${kept}, and putting the other data in its place ...`);
  await dockerOk(
    `The data was not switched. ${kept} has what was there, if it is in npm run recover -- --list; else nothing was changed`,
    [
      ...["run", "--rm", "--network", "none", "--user", "0"],
      ...["--volume", `${data}:${DATA_HOME}`, "--volume", `${archive}:${ARCHIVE_HOME}`],
      ...["--entrypoint", "sh", image, "-c", SCRIPT, "switch"],
      ...[`${ARCHIVE_HOME}/${kept}`, from, used],
    ],
    WHOLE,
  );
  say("Starting PostgreSQL ...");
  await dockerOk("PostgreSQL did not start", ["start", postgres], WHOLE);
  await dockerOk("The archive's container did not restart", ["restart", archiver], WHOLE);
  await healthy(postgres);
  return kept;
}

async function healthy(name: string): Promise<void> {
  for (const end = Date.now() + HEALTHY_MS; Date.now() < end; await sleep(500)) {
    const container = (await listContainers()).find((one) => one.name === name);
    if (container?.health === "healthy") {
      return;
    }
  }
  throw new FaultError([
    `${name} is not healthy with its new data. npm run logs says why; npm run recover -- --undo takes the old data back.`,
  ]);
}

/** Names of the folders with data that was replaced, oldest first. */
export async function listKept({ archiver }: RecoveryServers): Promise<string[]> {
  const { stdout } = await docker(["exec", archiver, "ls", ARCHIVE_HOME]);
  return stdout
    .split("\n")
    .filter((name) => name.startsWith(KEPT) && !name.endsWith(".part"))
    .sort();
}

/** Folder of data that was kept. */
export const keptPath = (name: string) => `${ARCHIVE_HOME}/${name}`;

/** Removes data that was kept. */
export const discard = ({ archiver }: RecoveryServers, names: string[]) =>
  dockerOk("It was not removed", [...["exec", archiver, "rm", "-rf"], ...names.map(keptPath)]);

/** Whether the disk has room for the data that is recovered and the data that is kept. */
export async function roomFault(
  { archiver }: RecoveryServers,
  recoveredBytes: number,
): Promise<string | undefined> {
  const script = `set -- $(df -Pk ${ARCHIVE_HOME} | tail -1); echo "$4"; du -sk ${DATA_HOME}`;
  const { stdout } = await docker(["exec", archiver, "sh", "-c", script]);
  const [free, present] = stdout.split("\n").map((line) => Number.parseInt(line, 10) * 1024);
  const needed = recoveredBytes + present;
  return free < needed
    ? `The disk of Docker has ${inMb(free)} MB free, and the recovery needs ${inMb(needed)} MB: the recovered data and a copy of the present one. Nothing was changed.`
    : undefined;
}

const inMb = (bytes: number) => Math.ceil(bytes / 1_000_000);
