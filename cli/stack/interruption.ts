import type { DockerKind, DockerObject } from "../machine/docker";
import { TYPES } from "../resource-types";
import type { ExportedResource } from "./state";

/** A stack's state as the engine exports it; secrets stay encrypted. */
export interface Deployment {
  manifest: { time: string };
  resources?: ExportedResource[];
  pending_operations?: { type: string; resource: ExportedResource }[];
}

/** What is to be done about what a killed run was making. */
export interface Mending {
  /** The state without half-made resources, but with those that are taken over. */
  deployment: Deployment;
  /** Containers that were begun; all their data is in volumes. */
  remove: DockerObject[];
  /** Resources to be taken over; a refresh finds out which of them are there. */
  adopt: ExportedResource[];
}

export const DOCKER_KINDS: Record<string, DockerKind> = {
  [TYPES.container]: "container",
  [TYPES.volume]: "volume",
  [TYPES.network]: "network",
};

/** What a server refuses to make twice; to their providers the name is the identifier. */
const NAMED = new Set<string>([TYPES.topic, TYPES.database, TYPES.role]);

/** A plugin may finish what it was asked for after the engine is gone. */
const LAST_WORDS_MS = 60_000;

/** What a run had begun to make when it was killed, so that nobody noted whether it was made. */
export const pendingCreates = ({
  pending_operations: pending = [],
}: Deployment): ExportedResource[] =>
  pending.filter(({ type }) => type === "creating").map(({ resource }) => resource);

export const nameOf = ({ inputs }: ExportedResource) => String(inputs?.name);

/**
 * Works out how to go on after a run was killed. A Docker object of a name that the run was to make is its
 * own when it bears the stack's label, no resource of the state is it, and it was made before the run had
 * ended; any other is left for a person to judge. What is made on a server of the stack's own is its own.
 * The rest can be made twice without harm.
 * @param found the Docker objects of those names
 * @param servers whether what is on the servers is wanted, too
 */
export function mend(
  before: Deployment,
  found: DockerObject[],
  { stack, servers }: { stack: string; servers: boolean },
): Mending {
  const { resources = [], pending_operations: pending = [] } = before;
  const known = new Set(resources.map(({ id }) => id));
  const lastMoment = Date.parse(before.manifest.time) + LAST_WORDS_MS;
  const isOwn = ({ id, created, labels }: DockerObject) =>
    !known.has(id) &&
    Date.parse(created) <= lastMoment &&
    labels["learning-platform.stack"] === stack;

  const remove: DockerObject[] = [];
  const adopt: ExportedResource[] = [];
  for (const resource of pendingCreates(before)) {
    const kind = DOCKER_KINDS[resource.type];
    const own = found.find(
      (object) => object.kind === kind && object.name === nameOf(resource) && isOwn(object),
    );
    // Half of a container, perhaps without its files or its network, is of no use to anybody.
    if (own?.kind === "container") {
      remove.push(own);
    } else if (own || (servers && NAMED.has(resource.type))) {
      adopt.push({ ...resource, id: own?.id ?? nameOf(resource), outputs: resource.inputs });
    }
  }
  const deployment = {
    ...before,
    resources: [...resources, ...adopt],
    pending_operations: pending.filter(({ type }) => type !== "creating"),
  };
  return { deployment, remove, adopt };
}
