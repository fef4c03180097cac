import { isCopy, SERVERS, volumeEnd } from "../../catalog/servers";
import type { PlannedObject } from "../plan/plan";

/**
 * Refuses an update that would lose a volume's data, and one of a stack whose volumes are gone already. A volume with a copy
 * may go: its server makes another copy.
 */
export function volumeFaults(all: PlannedObject[], existing: string[]): string[] {
  const planned = all.filter(({ name }) => !isCopy(name));
  const hasCopy = all.some(({ name }) => isCopy(name) && existing.includes(name));
  const otherWay = (name: string) =>
    hasCopy && name.endsWith(volumeEnd(SERVERS.postgres.role))
      ? " Or put the data of a replica in its place (npm run promote): docs/replicas.md."
      : "";
  return [
    ...planned
      .filter(({ action }) => action === "replace")
      .map(
        ({ name }) =>
          `The volume ${name} would be replaced by an empty one. Keep learning-platform:namePrefix as it is, ` +
          "or run down first, which deletes its data.",
      ),
    ...planned
      .filter(({ action, name }) => ["none", "update"].includes(action) && !existing.includes(name))
      .map(
        ({ name }) =>
          `The volume ${name} is missing, with all the data in it. Start over: run down, then up.${otherWay(name)}`,
      ),
  ];
}
