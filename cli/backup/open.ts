/** Finds a backup and checks all of it before anything is touched. */
import { type Readable, type TransformCallback, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { isDeepStrictEqual } from "node:util";

import { FaultError, throwIfAny } from "../fault";
import { decrypted } from "./age";
import { lastWhole, listBackups, readManifest } from "./list";
import { type FileEntry, MANIFEST, type Manifest } from "./manifest";
import { Meter } from "./meter";
import { timeOf } from "./names";
import { openPlace } from "./places/open-place";
import { MissingFileError, type Place } from "./places/place";

/** A backup that was found, and whose files are whole. */
export interface CheckedBackup {
  manifest: Manifest;
  /** As people name it. */
  title: string;
  /** The content of a file, decrypted; fails where the file is no longer the one that was checked. */
  read(file: string, onSize?: (bytes: number) => void): Promise<Readable>;
}

/**
 * Finds a backup by its time or `latest` in the stack's own place, or by its address: a folder, or `s3://BUCKET/PREFIX`.
 * @param place where the stack keeps its backups; undefined where it keeps none
 */
export async function findBackup(
  wanted: string,
  stack: string,
  place: Place | undefined,
): Promise<{ place: Place; folder: string; manifest: Manifest }> {
  const isName = wanted === "latest" || timeOf(wanted) !== undefined;
  if (!isName) {
    const at = wanted.replace(/\/+$/, "").replace(new RegExp(`/${MANIFEST}$`), "");
    return read(openPlace(parentOf(at)), at.slice(parentOf(at).length).replace(/^\//, ""));
  }
  if (place === undefined) {
    throw new FaultError([
      `Stack ${stack} keeps no backups: learning-platform:backupTo is not set. Give the whole address of the backup, or --from.`,
    ]);
  }
  const backups = await listBackups(place, stack);
  const found =
    wanted === "latest"
      ? lastWhole(backups)?.folder
      : backups.find(({ folder }) => folder === `${stack}/${wanted}`)?.folder;
  if (found === undefined) {
    const known = backups.filter(({ isWhole }) => isWhole).map(({ folder }) => folder);
    throw new FaultError([
      `There is no backup ${wanted} of stack ${stack} in ${place.title}. There are: ${known.join(", ") || "none"}.`,
    ]);
  }
  return read(place, found);
}

async function read(place: Place, folder: string) {
  try {
    return { place, folder, manifest: await readManifest(place, folder) };
  } catch (error) {
    throw error instanceof MissingFileError
      ? new FaultError([
          `${place.title}/${folder} is no backup: it has no ${MANIFEST}, which is written last.`,
        ])
      : error;
  }
}

const parentOf = (address: string): string => {
  const at = address.lastIndexOf("/");
  return at < 0 ? "." : address.slice(0, at) || "/";
};

/**
 * Reads every file once and compares size and SHA-256, then opens each with the identity.
 * @param onFile called with the name of each file before it is read
 * @throws FaultError with every file that is missing, damaged or for another identity
 */
export async function checkBackup(
  { place, folder, manifest }: { place: Place; folder: string; manifest: Manifest },
  identity: string,
  onFile: (file: string) => void = () => undefined,
): Promise<CheckedBackup> {
  const title = `${place.title}/${folder}`;
  const path = (file: string) => `${folder}/${file}`;
  const faults: string[] = [];
  for (const [file, expected] of Object.entries(manifest.files)) {
    onFile(file);
    const fault = await faultOf(place, path(file), expected);
    faults.push(...(fault === undefined ? [] : [`${title}/${file} ${fault}`]));
  }
  throwIfAny(faults);
  const open: CheckedBackup["read"] = async (file, onSize) => {
    const guard = new Guard(manifest.files[file], `${title}/${file}`, onSize);
    const stored = await place.read(path(file));
    pipeline(stored, guard).catch((error: Error) => guard.destroy(error));
    return decrypted(guard, identity, `${title}/${file}`);
  };
  for (const file of Object.keys(manifest.files)) {
    (await open(file)).destroy();
  }
  return { manifest, title, read: open };
}

/** Fails at the end of a file that is another one than when it was checked. */
class Guard extends Meter {
  constructor(
    private readonly expected: FileEntry,
    private readonly title: string,
    onSize?: (bytes: number) => void,
  ) {
    super(onSize);
  }

  public override _flush(done: TransformCallback): void {
    const isSame = isDeepStrictEqual(this.result(), this.expected);
    done(isSame ? null : new FaultError([`${this.title} was changed while it was read.`]));
  }
}

async function faultOf(
  place: Place,
  file: string,
  { bytes, sha256 }: FileEntry,
): Promise<string | undefined> {
  const meter = new Meter();
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  try {
    await pipeline(await place.read(file), meter, nowhere);
  } catch (error) {
    if (error instanceof MissingFileError) {
      return "is missing";
    }
    throw error;
  }
  const found = meter.result();
  if (found.bytes !== bytes) {
    return `has ${found.bytes} bytes, and should have ${bytes}`;
  }
  return found.sha256 === sha256 ? undefined : "is not what was written: its SHA-256 differs";
}
