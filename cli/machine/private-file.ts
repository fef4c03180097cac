import {
  closeSync,
  fsyncSync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";

import { FaultError } from "../fault";

/**
 * Writes a file, by default one that only its owner can read. It is complete when it appears under its name, and has
 * its mode from the first moment on: a new file takes the place of an older one.
 * @throws FaultError where the name is that of a link, or of anything but a file, or the folder cannot be written
 */
export function writePrivateFile(file: string, text: string, mode = 0o600): void {
  try {
    const stats = lstatSync(file, { throwIfNoEntry: false });
    if (stats && !stats.isFile()) {
      throw new Error(stats.isSymbolicLink() ? "it is a symbolic link" : "it is no regular file");
    }
    replaceFile(file, text, mode);
  } catch (error) {
    throw new FaultError([`${file} was not written: ${(error as Error).message}.`]);
  }
}

function replaceFile(file: string, text: string, mode: number): void {
  const part = `${file}.${process.pid}.part`;
  // Fails where the name exists, and so follows no link.
  const descriptor = openSync(part, "wx", mode);
  try {
    writeFileSync(descriptor, text);
    fsyncSync(descriptor);
    renameSync(part, file);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  } finally {
    closeSync(descriptor);
  }
}
