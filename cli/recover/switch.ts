/** Puts data in the place of the server's, and keeps what was there. */
import { setTimeout as sleep } from "node:timers/promises";

import { ARCHIVE_HOME, DATA_HOME } from "../../catalog/wal-archive";
import { FaultError, throwIfAny } from "../fault";
import { listContainers, removeContainer } from "../machine/docker";
import { docker, dockerOk } from "../machine/docker-command";
import { lastLines } from "../machine/run";
import type { RecoveryServers } from "./servers";

/** Start of the names of folders with data that was replaced, on the archive's volume. */
const KEPT = "before-";
/** From the server's stop to its start, Ctrl-C waits. */
const WHOLE = { stopBy: "none" } as const;
const HEALTHY_MS = 180_000;

/**
 * Keeps the data of the server in $1 and puts that of $2 in its place. Each copy is whole before anything is removed, so
 * that one of the two is there whenever this is killed. PG_VERSION comes last: without it, no server starts on half of the data.
 */
export const switchScript = (data: string = DATA_HOME, archive: string = ARCHIVE_HOME): string => `
set -eu
rm -rf ${archive}/${KEPT}*.part
cp -a ${data} "$1.part"
sync
mv "$1.part" "$1"
find ${data} -mindepth 1 -delete
find "$2" -mindepth 1 -maxdepth 1 ! -name PG_VERSION | while read -r each; do cp -a "$each" ${data}/; done
cp -a "$2"/PG_VERSION ${data}/
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
  const { code, stderr } = await docker(
    [
      ...["run", "--rm", "--name", `${postgres}-switch`, "--network", "none", "--user", "0"],
      ...["--volume", `${data}:${DATA_HOME}`, "--volume", `${archive}:${ARCHIVE_HOME}`],
      ...["--entrypoint", "sh", image, "-c", switchScript(), "switch"],
      ...[`${ARCHIVE_HOME}/${kept}`, from, used],
    ],
    WHOLE,
  );
  if (code !== 0) {
    const what = `The data was not switched: ${lastLines(stderr, 3)}`;
    throw new FaultError([`${what}\n${await afterFailure(servers, kept)}`]);
  }
  say("Starting PostgreSQL ...");
  await dockerOk("PostgreSQL did not start", ["start", postgres], WHOLE);
  await dockerOk("The archive's container did not restart", ["restart", archiver], WHOLE);
  await healthy(postgres);
  return kept;
}

/**
 * Nothing of the present data is removed before all of it is kept: where it is not, the server starts again with it.
 * @returns what a person has to know
 */
async function afterFailure(
  { postgres, archiver }: RecoveryServers,
  kept: string,
): Promise<string> {
  // It may still run, where it was only docker's client that ended.
  await removeContainer(`${postgres}-switch`, WHOLE);
  const script = '[ -d "$1" ] || { rm -rf "$1.part"; exit 1; }';
  const { code } = await docker(
    ["exec", archiver, "sh", "-c", script, "kept", keptPath(kept)],
    WHOLE,
  );
  if (code === 0) {
    return `PostgreSQL is stopped. ${kept} has what was there: npm run recover -- --undo puts it back.`;
  }
  if (code === 1) {
    await dockerOk("PostgreSQL did not start", ["start", postgres], WHOLE);
    return "PostgreSQL was started again with its data. Nothing was changed.";
  }
  return `PostgreSQL is stopped. If npm run recover -- --list has ${kept}, that is what was there; else nothing was changed.`;
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

/**
 * Refuses a disk that has no room for the copies of a switch.
 * @param data what is put in place: bytes that have yet to be recovered, or the folder where they are
 * @throws FaultError before anything was changed
 */
export async function refuseFullDisk(
  { archiver }: RecoveryServers,
  data: number | string,
): Promise<void> {
  const script = `set -- "$1" $(df -Pk ${ARCHIVE_HOME} | tail -1); echo "$5"; du -sk ${DATA_HOME}; [ -z "$1" ] || du -sk "$1"`;
  const printed = await dockerOk("The size of the data is not known", [
    ...["exec", archiver, "sh", "-c", script, "sizes", typeof data === "string" ? data : ""],
  ]);
  const [free, present, there] = printed
    .split("\n")
    .map((line) => Number.parseInt(line, 10) * 1024);
  const needed = roomFor(present, typeof data === "number" ? data : there, {
    isThere: typeof data === "string",
  });
  throwIfAny(
    free < needed
      ? [
          `The disk of Docker has ${inMb(free)} MB free, and this needs ${inMb(needed)} MB: for a copy of the present data, and for what takes its place. Nothing was changed.`,
        ]
      : [],
  );
}

/**
 * Bytes that a switch needs at most: what comes in, a copy of the present data, and what comes in once more, less the present data.
 * @param isThere whether the data that comes in are on the disk already
 */
export const roomFor = (
  present: number,
  incoming: number,
  { isThere }: { isThere: boolean },
): number => (isThere ? 0 : incoming) + Math.max(incoming, present);

const inMb = (bytes: number) => Math.ceil(bytes / 1_000_000);
