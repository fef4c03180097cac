/** How a replica takes the primary's place: its data goes into the primary's volume, so that names and addresses stay. */
import { COPY_FOLDER } from "../../catalog/replication";
import { parseAddress } from "../../components/platform/address";
import {
  asAdministrator,
  type PostgresAdministrator,
} from "../../components/postgres/postgres-client";
import type { Outputs } from "../../contract/outputs";
import { FaultError } from "../fault";
import { type Label, volumeCreation } from "../machine/docker";
import { docker, dockerOk } from "../machine/docker-command";
import { logicalName, TYPES } from "../resource-types";
import type { StackResource } from "../stack/state";
import { replicaSlots } from "./read";

/** The containers and volumes of a primary and of the replica that takes its place. */
export interface Promotion {
  primary: DockerServer;
  replica: DockerServer;
  /** How the administrator logs in to the replica. */
  login: PostgresAdministrator;
}

interface DockerServer {
  container: string;
  image: string;
  volume: string;
  /** Labels of the volume, for the case that it is lost. */
  labels: Label[];
}

/** @throws FaultError with the replicas that the stack has */
export function findPromotion(
  name: string,
  resources: readonly StackResource[],
  { accessPoints }: Pick<Outputs, "accessPoints">,
): Promotion {
  const slots = replicaSlots(resources);
  const slot = slots.find(({ replica }) => replica === name);
  const replica = slot && serverOf(name, resources);
  const point = Object.values(accessPoints).find(
    ({ container }) => container === replica?.container,
  );
  if (slot === undefined || replica === undefined || point === undefined) {
    const known = slots.map((each) => each.replica).join(", ") || "none";
    throw new FaultError([`The stack has no replica ${name}. It has: ${known}.`]);
  }
  const login = { ...slot, ...parseAddress(point.address) };
  return { primary: serverOf("postgres", resources), replica, login };
}

function serverOf(role: string, resources: readonly StackResource[]): DockerServer {
  const inputsOf = (type: string, name: string) =>
    resources.find((each) => each.type === type && logicalName(each.urn) === name)?.inputs ?? {};
  const { name: container, image } = inputsOf(TYPES.container, `${role}-container`);
  const { name: volume, labels = [] } = inputsOf(TYPES.volume, `${role}-data`);
  return {
    container: String(container),
    image: String(image),
    volume: String(volume),
    labels: labels as Label[],
  };
}

const STATE = `
select pg_is_in_recovery() as "follows", pg_last_xact_replay_timestamp()::text as "lastCommit"`;

/**
 * Until when the replica has what was committed, as text; undefined where it has been promoted already, or has replayed no
 * commit since it started.
 * @throws FaultError where the replica does not answer
 */
export async function lastCommit({ login, replica }: Promotion): Promise<string | undefined> {
  const [row] = await onReplica<{ follows: boolean; lastCommit: string | null }>(
    { login, replica },
    STATE,
  );
  return row.follows ? (row.lastCommit ?? undefined) : undefined;
}

/**
 * Puts the replica's data in the place of the primary's. The primary's own go into a folder of the replica's volume. A run
 * that was interrupted can be repeated: the replica's data are there until the primary has them.
 * @throws FaultError with what docker or the replica said
 */
export async function promote(promotion: Promotion, say: (line: string) => void): Promise<void> {
  const { primary, replica } = promotion;
  if (await exists("container", primary.container)) {
    // In order, so that it sends all that it has to its replicas, if it still can.
    say(`Stopping ${primary.container}`);
    await must(["stop", "--time", "60", primary.container]);
  }
  say(`Promoting ${replica.container}`);
  await onReplica(promotion, "select case when pg_is_in_recovery() then pg_promote(true, 60) end");
  const [{ follows }] = await onReplica<{ follows: boolean }>(promotion, STATE);
  if (follows) {
    throw new FaultError([
      `${replica.container} still replays what it has received, after a minute. It goes on: run the command again.`,
    ]);
  }
  await must(["stop", "--time", "60", replica.container]);
  say(`Moving its data to the volume ${primary.volume}`);
  if (!(await exists("volume", primary.volume))) {
    await must(volumeCreation(primary.volume, primary.labels));
  }
  await must([
    ...["run", "--rm", "--network", "none", "--entrypoint", "/bin/sh"],
    ...["--volume", `${primary.volume}:/primary`, "--volume", `${replica.volume}:/replica`],
    ...[replica.image, "-c", swapScript(), "--", formerFolder(new Date())],
  ]);
  if (await exists("container", primary.container)) {
    await must(["start", primary.container]);
  }
  await must(["start", replica.container]);
}

/** Name of the folder in the replica's volume that keeps the data of the former primary. */
export const formerFolder = (now: Date): string =>
  `former-primary-${now.toISOString().slice(0, 19).replaceAll(":", "")}`;

/**
 * What is copied is complete before anything is moved, and the source goes last. The shell ends at the first file that cannot be
 * moved, as where the disk is full; `find -exec` would go on. Argument: the folder of the former data.
 */
export const swapScript = (primary = "/primary", replica = "/replica"): string => `
set -eu
former=${replica}/$1 copy=${replica}/${COPY_FOLDER}
rm -rf ${primary}/.next
cp -a "$copy" ${primary}/.next
mkdir -m 700 "$former"
find ${primary} -mindepth 1 -maxdepth 1 ! -name .next | while read -r each; do mv "$each" "$former/"; done
find ${primary}/.next -mindepth 1 -maxdepth 1 ! -name PG_VERSION | while read -r each; do mv "$each" ${primary}/; done
mv ${primary}/.next/PG_VERSION ${primary}/
rmdir ${primary}/.next
sync
rm -rf "$copy"`;

const onReplica = async <T extends object>(
  { login, replica }: Pick<Promotion, "login" | "replica">,
  sql: string,
): Promise<T[]> => {
  try {
    return await asAdministrator(login, async (client) => (await client.query<T>(sql)).rows);
  } catch (error) {
    throw new FaultError([
      `The replica ${replica.container} does not answer: ${(error as Error).message}. ` +
        `It must run: docker start ${replica.container}`,
    ]);
  }
};

/** Not stopped halfway when a person stops the command. */
const WHOLE = { stopBy: "none" } as const;
const must = (args: string[]) => dockerOk(`docker ${args[0]} failed`, args, WHOLE);
const exists = async (kind: "container" | "volume", name: string) =>
  (await docker([kind, "inspect", name], WHOLE)).code === 0;
