/** Containers and networks that are not as the stack left them. */
import { isCopy } from "../../catalog/servers";
import { type DockerState, listContainers, listNetworks, listVolumes } from "../machine/docker";
import { TYPES } from "../resource-types";
import type { StackResource } from "../stack/state";
import type { Drift, DriftReport } from "./drift";

export async function checkDocker(resources: readonly StackResource[]): Promise<DriftReport> {
  const own = resources.filter(({ type }) => type === TYPES.container || type === TYPES.network);
  if (own.length === 0) {
    return { found: [], unanswered: [] };
  }
  const copies = resources.filter(
    ({ type, inputs }) => type === TYPES.volume && isCopy(String(inputs.name)),
  );
  const [containers, networks, volumes] = await Promise.all([
    listContainers(),
    listNetworks(),
    copies.length > 0 ? listVolumes() : [],
  ]);
  const found = [
    ...compareCopies(copies, volumes),
    ...compareDocker(own, { containers, networks }),
  ];
  return { found, unanswered: [] };
}

/** Volumes with copies that are missing. Without others an update is refused (preflight/volumes.ts). */
export const compareCopies = (
  copies: readonly StackResource[],
  existing: readonly string[],
): Drift[] =>
  copies
    .filter(({ inputs }) => !existing.includes(String(inputs.name)))
    .map(({ urn, inputs }) => ({
      urn,
      sentence: `volume ${String(inputs.name)}: missing, with a copy; up makes another copy`,
    }));

/** Networks that are missing, and containers that are missing, stopped, or not on their network. */
export function compareDocker(resources: readonly StackResource[], live: DockerState): Drift[] {
  const networks = resources.filter(({ type }) => type === TYPES.network);
  return [
    ...networks.flatMap((network) => compareNetwork(network, live)),
    ...resources
      .filter(({ type }) => type === TYPES.container)
      .flatMap((container) => compareContainer(container, networks, live)),
  ];
}

function compareNetwork({ urn, id, inputs }: StackResource, live: DockerState): Drift[] {
  if (live.networks.some((network) => network.id === id)) {
    return [];
  }
  const name = String(inputs.name);
  const sentence = `network ${name}: missing`;
  const fault =
    `The network ${name} is missing, and another network has its name. ` +
    `If that one is not needed, remove it: docker network rm ${name}`;
  const isNameTaken = live.networks.some((network) => network.name === name);
  return [{ urn, sentence, ...(isNameTaken ? { fault } : {}) }];
}

function compareContainer(
  { urn, id, inputs }: StackResource,
  networks: readonly StackResource[],
  live: DockerState,
): Drift[] {
  const name = String(inputs.name);
  const found = live.containers.find((container) => container.id === id);
  const wanted = (inputs.networksAdvanced ?? []) as { name: string }[];
  const isOn = (network: { name: string }) => {
    const attached = found?.networks.find((each) => each.name === network.name);
    const known = networks.find((each) => each.inputs.name === network.name);
    return attached && [known?.id, undefined, ""].includes(attached.id) && exists(known, live);
  };
  if (found && !wanted.every(isOn)) {
    const sentence = `container ${name}: not on its network; up recreates it with its data`;
    return [{ urn, sentence, removeContainer: id }];
  }
  return found?.status === "running" ? [] : [{ urn, sentence: `container ${name}: not running` }];
}

const exists = (network: StackResource | undefined, live: DockerState) =>
  network === undefined || live.networks.some(({ id }) => id === network.id);
