import { majorOfVolume } from "../../catalog/postgres-majors";
import { CACHE_NODES, isCopy, SERVERS, SESSION_NODES, volumeEnd } from "../../catalog/servers";
import type { PlannedObject } from "../plan/plan";

/** Servers of which one can lose its volume: an update fills it from the others, or leaves a part of a cache empty. */
const GROUPS = [SESSION_NODES, CACHE_NODES].map((nodes) =>
  nodes.map((node) => volumeEnd(SERVERS[node].role)),
);

/** End of the name of the volume that a server with an archive shares with it. */
const ARCHIVE_END = volumeEnd(SERVERS.walArchiver.role);

/** Whether a missing volume is one of a group of which the stack has all, and of which another one exists. */
function isMadeAgain(name: string, planned: PlannedObject[], existing: string[]): boolean {
  const group = GROUPS.find((ends) => ends.some((end) => name.endsWith(end)));
  const end = group?.find((each) => name.endsWith(each));
  if (group === undefined || end === undefined) {
    return false;
  }
  const all = group.map((each) => `${name.slice(0, -end.length)}${each}`);
  const isPlanned = (volume: string) =>
    planned.some((object) => object.name === volume && object.action !== "delete");
  return all.every(isPlanned) && all.some((volume) => existing.includes(volume));
}

function replacementFault({ name }: PlannedObject): string {
  const replaced = `The volume ${name} would be replaced by an empty one.`;
  const major = majorOfVolume(name);
  const advice =
    "Keep learning-platform:namePrefix as it is, or run down first, which deletes its data.";
  return major === undefined
    ? `${replaced} ${advice}`
    : `${replaced} It has the data of PostgreSQL ${major}: if learning-platform:postgresMajor names another version, ` +
        `npm run upgrade moves the data (docs/upgrades.md). Otherwise: ${advice}`;
}

/**
 * Refuses an update that would lose a volume's data, and one of a stack whose volumes are gone already. A volume with a copy
 * may go: its server makes another copy.
 */
export function volumeFaults(all: PlannedObject[], existing: string[]): string[] {
  const planned = all.filter(({ name }) => !isCopy(name));
  const isThere = (isSo: (name: string) => boolean) =>
    all.some(({ name }) => isSo(name) && existing.includes(name));
  const otherWay = (name: string) => {
    if (majorOfVolume(name) === undefined) {
      return "";
    }
    const ways = [
      ...(isThere(isCopy)
        ? ["put the data of a replica in its place (npm run promote): docs/replicas.md"]
        : []),
      ...(isThere((other) => other.endsWith(ARCHIVE_END))
        ? ["bring it back from its archive (npm run recover -- --to latest): docs/point-in-time.md"]
        : []),
    ];
    return ways.map((way) => ` Or ${way}.`).join("");
  };
  return [
    ...planned.filter(({ action }) => action === "replace").map(replacementFault),
    ...planned
      .filter(({ action, name }) => ["none", "update"].includes(action) && !existing.includes(name))
      .filter(({ name }) => !isMadeAgain(name, planned, existing))
      .map(
        ({ name }) =>
          `The volume ${name} is missing, with all the data in it. Start over: run down, then up.${otherWay(name)}`,
      ),
  ];
}
