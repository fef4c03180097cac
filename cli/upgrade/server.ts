/** The server of a stack that is upgraded: what the state and Docker know of it. */
import { LABELS } from "../../catalog/labels";
import {
  majorOfVolume,
  POSTGRES_MAJORS,
  type PostgresMajor,
  postgresVolume,
} from "../../catalog/postgres-majors";
import { SERVERS } from "../../catalog/servers";
import { FaultError } from "../fault";
import { inspectObject, type Label } from "../machine/docker";
import { dockerLines } from "../machine/docker-command";
import { type Login, loginsOf } from "../recover/servers";
import { isContainerOf, logicalName, TYPES } from "../resource-types";
import { PROJECT } from "../stack/local-state";
import type { StackResource } from "../stack/state";

/** The volume that a stack's server runs on. */
export interface ServersVolume {
  stack: string;
  volume: string;
  major: PostgresMajor;
}

export interface UpgradableServer extends ServersVolume {
  /** Name of the container. */
  container: string;
  /** Image that it runs on, as Docker finds it. */
  image: string;
  /** Labels of the volume. */
  labels: Label[];
  superuser: Login;
  /** Roles whose passwords the stack knows. */
  logins: Login[];
  /** Whether its WAL is archived. */
  archives: boolean;
}

/** Where the data of the major version before is, which an upgrade kept: labels of the volume that took its place. */
export const UPGRADED_FROM = {
  image: "learning-platform.upgraded-from-image",
  volume: "learning-platform.upgraded-from-volume",
} as const;

/** @throws FaultError where the stack has no server that can be upgraded */
export function serverOf(stack: string, resources: readonly StackResource[]): UpgradableServer {
  const one = (type: string, name: string) =>
    resources.find(({ urn, type: found }) => found === type && logicalName(urn) === name);
  const { role } = SERVERS.postgres;
  const container = one(TYPES.container, `${role}-container`);
  const volume = one(TYPES.volume, `${role}-data`);
  const password = one(TYPES.password, `${role}-password`);
  const major = majorOfVolume(String(volume?.inputs.name));
  if (!container || !volume || !password || major === undefined) {
    throw new FaultError([
      `Stack ${stack} runs no PostgreSQL in a container. A server that exists is upgraded by whoever runs it: docs/upgrades.md.`,
    ]);
  }
  return {
    stack,
    container: String(container.inputs.name),
    image: String(container.inputs.image),
    volume: String(volume.inputs.name),
    major,
    labels: (volume.inputs.labels ?? []) as Label[],
    superuser: { role: "postgres", password: String(password.outputs.result) },
    logins: loginsOf(resources),
    archives: resources.some((resource) => isContainerOf(SERVERS.walArchiver.role, resource)),
  };
}

/** Why a stack with replicas stays on its version: they are copies of the server, byte for byte. */
export const replicaFaults = (stack: string, resources: readonly StackResource[]): string[] =>
  resources.some(({ type }) => type === TYPES.replicaSlot)
    ? [
        `Stack ${stack} has replicas of PostgreSQL, which cannot follow a server of another major version. ` +
          "Set postgresReplicas to 0 and run up, then repeat this, then set it again. Nothing was changed.",
      ]
    : [];

/** Volume of the same stack with the data of another major version. */
export function volumeOf(
  { volume, major }: Omit<ServersVolume, "stack">,
  other: PostgresMajor,
): string {
  const prefix = volume.slice(0, -postgresVolume("", major).length);
  return postgresVolume(prefix, other);
}

/** Volumes of PostgreSQL that a stack has in Docker besides the one that it uses: upgrades keep them. */
export async function keptVolumes({ stack, ...server }: ServersVolume): Promise<string[]> {
  const names = POSTGRES_MAJORS.map((major) => volumeOf(server, major));
  const labelled = await dockerLines([
    ...["volume", "ls", "--format", "{{.Name}}"],
    ...["--filter", `label=${LABELS.project}=${PROJECT}`],
    ...["--filter", `label=${LABELS.stack}=${stack}`],
  ]);
  return names.filter((name) => name !== server.volume && labelled.includes(name));
}

/** The same by the stack's state alone; none where it runs no PostgreSQL in a container. */
export function keptVolumesIn(
  stack: string,
  resources: readonly StackResource[],
): Promise<string[]> | string[] {
  const volume = resources
    .filter(({ type }) => type === TYPES.volume)
    .map(({ inputs }) => String(inputs.name))
    .find((name) => majorOfVolume(name) !== undefined);
  return volume === undefined ? [] : keptVolumes({ stack, volume, major: majorOfVolume(volume)! });
}

/** What an upgrade replaced by a volume; undefined where there was none, or its data is gone. */
export async function replacedBy(
  volume: string,
): Promise<{ image: string; volume: string; major: PostgresMajor } | undefined> {
  const labels = (await inspectObject("volume", volume))?.labels ?? {};
  const { [UPGRADED_FROM.image]: image, [UPGRADED_FROM.volume]: before } = labels;
  const major = before === undefined ? undefined : majorOfVolume(before);
  const isThere = before !== undefined && (await inspectObject("volume", before)) !== undefined;
  return image !== undefined && major !== undefined && isThere
    ? { image, volume: before, major }
    : undefined;
}
