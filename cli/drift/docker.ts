/** What the live system contradicts in what a stack takes for granted. */
import { run } from "../machine/run";
import { type KeptResource, TYPES } from "../plan/plan";
import { postgresContradictions, type PostgresState } from "./postgres";

export interface Deviation {
  /** What was found, and what `up` does about it. */
  line: string;
  /** Resources that are read again, so that an update puts it right. */
  urns: string[];
  /** Why `up` leaves it to a person, and what they can do. */
  fault?: string;
  /** Identifier of a container that is removed first. */
  remove?: string;
  /** Name of a database role that gets its rights on what is there once it is made again. */
  lostRole?: string;
}

/**
 * Compares what a plan leaves as it is with what there is.
 * @param postgres undefined where the server does not answer
 */
export async function deviations(
  kept: readonly KeptResource[],
  postgres: PostgresState | undefined,
): Promise<Deviation[]> {
  return [
    ...dockerContradictions(kept, await readDocker()),
    ...(postgres ? postgresContradictions(kept, postgres) : []),
  ];
}

/** The containers and networks of a Docker Engine. */
export interface DockerState {
  containers: { id: string; name: string; status: string; networks: AttachedNetwork[] }[];
  networks: { id: string; name: string }[];
}

interface AttachedNetwork {
  name: string;
  /** Empty while the container has never been started. */
  id: string;
}

/** Reads what there is, running or not. */
export async function readDocker(): Promise<DockerState> {
  const [containers, networks] = await Promise.all([
    inspected<InspectedContainer>("container", ["ps", "-aq"]),
    inspected<{ Id: string; Name: string }>("network", ["network", "ls", "-q"]),
  ]);
  return {
    containers: containers.map(({ Id, Name, State, NetworkSettings }) => ({
      id: Id,
      name: Name.slice(1),
      status: State.Status,
      networks: Object.entries(NetworkSettings.Networks ?? {}).map(([name, { NetworkID }]) => ({
        name,
        id: NetworkID,
      })),
    })),
    networks: networks.map(({ Id, Name }) => ({ id: Id, name: Name })),
  };
}

interface InspectedContainer {
  Id: string;
  Name: string;
  State: { Status: string };
  NetworkSettings: { Networks: Record<string, { NetworkID: string }> | null };
}

async function inspected<T>(kind: string, list: string[]): Promise<T[]> {
  const ids = (await run("docker", list)).stdout.split("\n").filter(Boolean);
  if (ids.length === 0) {
    return [];
  }
  // One that goes meanwhile makes the command fail, and is left out of what it prints.
  const { stdout } = await run("docker", [kind, "inspect", ...ids]);
  return JSON.parse(stdout || "[]") as T[];
}

/**
 * Networks that are gone, and containers that are gone, stopped, or not on their network.
 * @param kept what a plan leaves as it is
 */
export function dockerContradictions(
  kept: readonly KeptResource[],
  live: DockerState,
): Deviation[] {
  const networks = kept.filter(({ type }) => type === TYPES.network);
  const lost = networks.filter(({ id }) => !live.networks.some((network) => network.id === id));
  return [
    ...lost.map((network) => lostNetwork(network, live)),
    ...kept
      .filter(({ type }) => type === TYPES.container)
      .flatMap((container) => containerContradiction(container, networks, live)),
  ];
}

function lostNetwork({ urn, inputs }: KeptResource, live: DockerState): Deviation {
  const name = String(inputs.name);
  const isReplaced = live.networks.some((network) => network.name === name);
  return {
    urns: [urn],
    line: `The network ${name} is gone; up makes it again.`,
    ...(isReplaced
      ? {
          fault:
            `The network ${name} is gone, and another one has its name. ` +
            `Remove that if nobody needs it: docker network rm ${name}`,
        }
      : {}),
  };
}

function containerContradiction(
  { urn, id, inputs }: KeptResource,
  networks: readonly KeptResource[],
  live: DockerState,
): Deviation[] {
  const name = String(inputs.name);
  const found = live.containers.find((container) => container.id === id);
  const wanted = (inputs.networksAdvanced ?? []) as { name: string }[];
  const isOn = (network: { name: string }) => {
    const attached = found?.networks.find((each) => each.name === network.name);
    const known = networks.find((each) => each.inputs.name === network.name);
    return attached && [known?.id, undefined, ""].includes(attached.id) && isLive(known, live);
  };
  if (found && !wanted.every(isOn)) {
    const line = `The container ${name} is not on its network; up makes it again, with its data.`;
    return [{ urns: [urn], line, remove: id }];
  }
  return found?.status === "running"
    ? []
    : [{ urns: [urn], line: `The container ${name} is not running; up starts it again.` }];
}

const isLive = (network: KeptResource | undefined, live: DockerState) =>
  network === undefined || live.networks.some(({ id }) => id === network.id);
