import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, open, readdir, rename, rm, rmdir, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

import { FaultError } from "../../fault";
import { ROOT } from "../../paths";
import { MissingFileError, type Place } from "./place";

/**
 * A folder of this machine. Only its owner can read what is written there.
 * @param address absolute, or from the root of the checkout
 */
export function directoryPlace(address: string): Place {
  const root = resolve(ROOT, address);
  const entries = async (folder: string, isFolder: boolean) =>
    (await readdir(join(root, folder), { withFileTypes: true }).catch(orNone))
      .filter((entry) => (isFolder ? entry.isDirectory() : entry.isFile()))
      .map(({ name }) => name);
  return {
    title: root,
    folders: (folder) => entries(folder, true),
    files: (folder) => entries(folder, false),
    async read(file) {
      const path = join(root, file);
      const found = await stat(path).catch(() => undefined);
      if (!found?.isFile()) {
        throw new MissingFileError([`There is no file ${path}.`]);
      }
      return createReadStream(path);
    },
    write: (file, content) => writeWhole(join(root, file), content),
    async remove(file) {
      const path = join(root, file);
      await rm(path, { force: true });
      await rmdir(dirname(path)).catch(() => undefined);
    },
  };
}

const orNone = (error: NodeJS.ErrnoException) => {
  if (error.code === "ENOENT") {
    return [];
  }
  throw new FaultError([error.message]);
};

async function writeWhole(path: string, content: Readable): Promise<void> {
  const part = `${path}.${process.pid}.part`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await pipeline(content, createWriteStream(part, { flags: "wx", mode: 0o600, flush: true }));
    await rename(part, path);
    await syncFolder(dirname(path));
  } catch (error) {
    // Where the folder is none, neither can it be removed.
    await rm(part, { force: true }).catch(() => undefined);
    throw (error as NodeJS.ErrnoException).syscall === undefined
      ? error
      : new FaultError([`${path} was not written: ${(error as Error).message}.`]);
  }
}

/** A crash of the machine must not lose the name of a file that was said to be written. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
