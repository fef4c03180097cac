/** Where backups are kept: a folder of this machine, or a bucket of any S3 server. */
import type { Readable } from "node:stream";

import { FaultError } from "../../fault";

export interface Place {
  /** As people name it. */
  readonly title: string;
  /** Names of the folders in a folder; none where it does not exist. */
  folders(folder: string): Promise<string[]>;
  /** Names of the files in a folder. */
  files(folder: string): Promise<string[]>;
  /** @throws MissingFileError where there is no such file */
  read(file: string): Promise<Readable>;
  /** Writes a whole file: it appears under its name when it is complete. */
  write(file: string, content: Readable): Promise<void>;
  /** Removes a file, and its folder where nothing else is in it. */
  remove(file: string): Promise<void>;
}

/** There is no such file. */
export class MissingFileError extends FaultError {}

/** Reads a small file. @throws FaultError where it is longer than `most` bytes */
export async function readText(place: Place, file: string, most: number): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of await place.read(file)) {
    parts.push(part as Buffer);
    size += (part as Buffer).length;
    if (size > most) {
      throw new FaultError([`${file} in ${place.title} is longer than ${most} bytes.`]);
    }
  }
  return Buffer.concat(parts).toString("utf8");
}
