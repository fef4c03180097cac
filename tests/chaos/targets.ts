/** What may be made to fail, by the labels of a stack's containers: a stack with more servers has more targets. */
import { IMAGE_KINDS } from "../../catalog/servers";
import { SERVICE_NAMES } from "../../catalog/services";
import type { StackContainer } from "../../cli/stack/containers";
import type { FaultKind, Target } from "./schedule";

/** Servers that clients work with; of these, pages and monitoring are none. */
const SERVERS_OF_CLIENTS = ["postgres", "redis", "redpanda"];

const OF_EVERY_SERVER: readonly FaultKind[] = ["kill", "pause", "disconnect", "restart"];

const OF_ROLES: Readonly<Record<string, readonly FaultKind[]>> = {
  postgres: ["fill connections"],
  "redis-session": ["fill memory"],
};

/** Group of the services' processes, which take turns as one server does. */
export const CLIENTS = "clients";

/**
 * @param containers of the stack; those that are no server of it, or that no client works with, are left out
 * @param bounded roles whose volume can be filled
 */
export const targetsOf = (
  containers: readonly Pick<StackContainer, "role">[],
  bounded: readonly string[],
): Target[] => [
  ...containers
    .filter(({ role }) => SERVERS_OF_CLIENTS.includes(IMAGE_KINDS[role]))
    .map(({ role }): Target => ({
      ...{ name: role, group: role },
      kinds: [
        ...OF_EVERY_SERVER,
        ...(OF_ROLES[role] ?? []),
        ...(bounded.includes(role) ? (["fill disk"] as const) : []),
      ],
    })),
  ...SERVICE_NAMES.map((name): Target => ({ name, group: CLIENTS, kinds: ["kill"] })),
];
