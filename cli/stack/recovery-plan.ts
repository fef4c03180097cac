import { LABELS } from "../../catalog/labels";
import type { DockerKind, DockerObject } from "../machine/docker";
import { TYPES } from "../resource-types";
import type { ExportedResource } from "./state";

/** A stack's state as the engine exports it; secrets stay encrypted. */
export interface Deployment {
  manifest: { time: string };
  resources?: ExportedResource[];
  pending_operations?: { type: string; resource: ExportedResource }[];
}

/** How to recover from a killed run. */
export interface RecoveryPlan {
  /** The state without half-created resources, but with those to adopt. */
  deployment: Deployment;
  /** Half-created containers. All their data is in volumes. */
  remove: DockerObject[];
  /** Resources to adopt; a refresh finds out which of them exist. */
  adopt: ExportedResource[];
}

export const DOCKER_KINDS: Record<string, DockerKind> = {
  [TYPES.container]: "container",
  [TYPES.volume]: "volume",
  [TYPES.network]: "network",
};

/** Resources that a server refuses to create twice. Their name is their id for their providers. */
const NAMED = new Set<string>([TYPES.topic, TYPES.database, TYPES.role]);

/** A plugin may finish what it was asked for after the engine was killed. */
const SETTLE_MS = 60_000;

/** Resources that a killed run was creating, so that the state does not say whether they exist. */
export const pendingCreates = ({
  pending_operations: pending = [],
}: Deployment): ExportedResource[] =>
  pending.filter(({ type }) => type === "creating").map(({ resource }) => resource);

/** The name that the program gives a resource. */
export const nameOf = ({ inputs }: ExportedResource) => String(inputs?.name);

/**
 * Plans the recovery from a killed run. A Docker object with the name of a pending resource belongs to the run if it
 * has the stack's label, no resource of the state stands for it, and it was created before the run ended; a person must
 * judge any other. Pending resources on the stack's own servers belong to it. Everything else can be created twice
 * without harm.
 * @param found the Docker objects with those names
 * @param servers whether to adopt what is on the servers, too
 */
export function planRecovery(
  before: Deployment,
  found: DockerObject[],
  { stack, servers }: { stack: string; servers: boolean },
): RecoveryPlan {
  const { resources = [], pending_operations: pending = [] } = before;
  const known = new Set(resources.map(({ id }) => id));
  const latest = Date.parse(before.manifest.time) + SETTLE_MS;
  const isOwn = ({ id, created, labels }: DockerObject) =>
    !known.has(id) && Date.parse(created) <= latest && labels[LABELS.stack] === stack;

  const remove: DockerObject[] = [];
  const adopt: ExportedResource[] = [];
  for (const resource of pendingCreates(before)) {
    const kind = DOCKER_KINDS[resource.type];
    const own = found.find(
      (object) => object.kind === kind && object.name === nameOf(resource) && isOwn(object),
    );
    // A half-created container may lack its files or its network.
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
