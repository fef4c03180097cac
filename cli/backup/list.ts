/** The backups of a stack in a place, and which of them are kept. */
import { LONGEST_MANIFEST, MANIFEST, type Manifest, parseManifest } from "./manifest";
import { timeOf } from "./names";
import { type Place, readText } from "./places/place";

export interface FoundBackup {
  /** Folder in the place: `<stack>/<time>`. */
  folder: string;
  at: Date;
  /** Whether it has a manifest: it was written to its end. */
  isWhole: boolean;
}

/** The backups of a stack, the oldest first. Folders of other names are not looked at. */
export async function listBackups(place: Place, stack: string): Promise<FoundBackup[]> {
  const names = (await place.folders(stack)).filter((name) => timeOf(name) !== undefined).sort();
  return Promise.all(
    names.map(async (name) => {
      const folder = `${stack}/${name}`;
      const isWhole = (await place.files(folder)).includes(MANIFEST);
      return { folder, at: timeOf(name)!, isWhole };
    }),
  );
}

/** The last backup that was written to its end. */
export const lastWhole = (backups: readonly FoundBackup[]): FoundBackup | undefined =>
  backups.filter(({ isWhole }) => isWhole).at(-1);

/** @throws FaultError where it is no manifest that this program reads */
export const readManifest = async (place: Place, folder: string): Promise<Manifest> =>
  parseManifest(
    await readText(place, `${folder}/${MANIFEST}`, LONGEST_MANIFEST),
    `${place.title}/${folder}`,
  );

const DAY_MS = 86_400_000;

/**
 * What is removed after a good backup: all but the newest `keep` ones, and what an interrupted run left a day ago or longer.
 * @param keep 0 keeps all
 */
export function outdated(backups: readonly FoundBackup[], keep: number, now: Date): FoundBackup[] {
  const whole = backups.filter(({ isWhole }) => isWhole);
  return [
    ...(keep === 0 ? [] : whole.slice(0, Math.max(0, whole.length - keep))),
    ...backups.filter(({ isWhole, at }) => !isWhole && now.getTime() - at.getTime() > DAY_MS),
  ];
}

/** Removes a backup. The manifest goes first: what is left of an interrupted removal is no backup. */
export async function removeBackup(place: Place, { folder }: FoundBackup): Promise<void> {
  const files = await place.files(folder);
  const inOrder = [...files].sort((a, b) => Number(b === MANIFEST) - Number(a === MANIFEST));
  for (const file of inOrder) {
    await place.remove(`${folder}/${file}`);
  }
}
