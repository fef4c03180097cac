import { LABELS } from "../../catalog/labels";
import { SERVER_TITLES } from "../../catalog/servers";
import { type ContainerState, listContainers } from "../machine/docker";
import { PROJECT } from "./local-state";

/** A container of a stack. */
export interface StackContainer extends ContainerState {
  /** What it is in the stack, such as `redis-session`: the end of its name. */
  role: string;
}

/** The containers that Docker has of a stack, by their labels: neither the engine nor the state is needed. */
export async function stackContainers(stack: string): Promise<StackContainer[]> {
  return ofStack(stack, await listContainers());
}

export const ofStack = (stack: string, containers: ContainerState[]): StackContainer[] =>
  containers
    .filter(({ labels }) => labels[LABELS.project] === PROJECT && labels[LABELS.stack] === stack)
    .map((container) => ({ ...container, role: roleOf(container.name) }))
    .sort((a, b) => a.name.localeCompare(b.name));

const ROLES = Object.keys(SERVER_TITLES);

const roleOf = (name: string): string => ROLES.find((role) => name.endsWith(`-${role}`)) ?? name;
