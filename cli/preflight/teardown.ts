/** What down refuses before it destroys anything. */
import { containersOn } from "../machine/docker";
import { logicalName, TYPES } from "../resource-types";
import type { StackResource } from "../stack/state";

/** A volume or network of the stack, with the names of the containers that use it. */
export interface UsedObject {
  kind: "volume" | "network";
  name: string;
  users: string[];
}

/** Refuses to destroy a stack with protected resources: half a platform is of no use. */
export function protectionFaults(stack: string, resources: StackResource[]): string[] {
  const kept = resources.filter(({ protect }) => protect);
  return kept.length === 0
    ? []
    : [
        `Stack ${stack} protects ${kept.length} resources, ${logicalName(kept[0].urn)} first. ` +
          "To destroy it with its data, set learning-platform:protect to false, run up, and then down.",
      ];
}

/** Refuses containers of others that use the stack's volumes and networks. */
export async function otherContainerFaults(resources: StackResource[]): Promise<string[]> {
  const namesOf = (wanted: string) =>
    resources.filter(({ type }) => type === wanted).map(({ inputs }) => String(inputs.name));
  const objects = (["volume", "network"] as const).flatMap((kind) =>
    namesOf(TYPES[kind]).map(async (name) => ({
      kind,
      name,
      users: await containersOn(kind, name),
    })),
  );
  return usedByOthersFaults(await Promise.all(objects), namesOf(TYPES.container));
}

/**
 * Docker removes no volume and no network while a container uses it, which would stop down halfway.
 * @param own names of the stack's own containers
 */
export const usedByOthersFaults = (objects: UsedObject[], own: string[]): string[] =>
  objects.flatMap(({ kind, name, users }) =>
    users
      .filter((user) => !own.includes(user))
      .map(
        (user) =>
          `The container ${user} uses the ${kind} ${name}, which down would remove. ` +
          (kind === "network"
            ? `Remove the container (docker rm -f ${user}) or disconnect it (docker network disconnect ${name} ${user}).`
            : `Remove the container first: docker rm -f ${user}`),
      ),
  );
