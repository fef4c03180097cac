import { throwIfAny } from "../fault";
import type { DockerKind } from "../machine/docker";
import { docker } from "../machine/docker-command";
import { lastLines } from "../machine/run";
import type { LabelledObject } from "./found";

/** Containers first: Docker removes neither a network nor a volume that one uses. */
const STEPS: [kind: DockerKind, command: string[]][] = [
  ["container", ["rm", "--force", "--volumes"]],
  ["network", ["network", "rm"]],
  ["volume", ["volume", "rm"]],
];

/**
 * Removes objects from Docker, with their data.
 * @throws FaultError with Docker's reasons, after it has removed what it could
 */
export async function removeObjects(objects: LabelledObject[]): Promise<void> {
  const faults: string[] = [];
  for (const [kind, command] of STEPS) {
    const ids = objects.filter((object) => object.kind === kind).map(({ id }) => id);
    faults.push(...(await remove(command, ids)));
  }
  throwIfAny(faults);
}

/** @returns Docker's reasons for those that it keeps */
export const removeImages = (ids: string[]): Promise<string[]> => remove(["rmi"], ids);

async function remove(command: string[], ids: string[]): Promise<string[]> {
  const { code, stderr } =
    ids.length > 0 ? await docker([...command, ...ids]) : { code: 0, stderr: "" };
  return code === 0 ? [] : [`docker ${command.join(" ")}: ${lastLines(stderr)}`];
}
