import type { ContainerState } from "../machine/docker";
import { isCreated, type Plan } from "../plan/plan";

/** Names of Docker objects that exist. */
export interface ExistingNames {
  containers: Pick<ContainerState, "name">[];
  volumes: string[];
  networks: string[];
}

/**
 * Refuses containers, volumes and networks that have a name which an update needs and that are not the stack's.
 * A volume is not adopted either: the stack does not know the passwords of the data in it.
 */
export const leftoverFaults = (
  { containers, volumes, networks }: Pick<Plan, "containers" | "volumes" | "networks">,
  existing: ExistingNames,
): string[] => [
  ...containers
    .filter(
      ({ action, name, replaces }) =>
        isCreated({ action }) || (action === "replace" && name !== replaces),
    )
    .filter(({ name }) => existing.containers.some((container) => container.name === name))
    .map(({ name }) => leftoverFault("container", name, `docker rm -f ${name}`)),
  ...volumes
    .filter((volume) => isCreated(volume) && existing.volumes.includes(volume.name))
    .map(({ name }) => leftoverFault("volume", name, `docker volume rm ${name}`)),
  ...networks
    .filter((network) => isCreated(network) && existing.networks.includes(network.name))
    .map(({ name }) => leftoverFault("network", name, `docker network rm ${name}`)),
];

const leftoverFault = (kind: string, name: string, command: string) =>
  `A ${kind} named ${name} already exists and does not belong to this stack; an interrupted run may have left it. ` +
  `If it is not needed, remove it: ${command}`;
