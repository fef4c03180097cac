import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";

import { type Fault, MigrationFilesError } from "./errors";
import { type FileText, readText } from "./file-text";

/** A valid migration file. Its text is scanned once; the file keeps its statements and comments. */
export interface MigrationFile extends FileText {
  /** Path inside the database's folder and key of the ledger: `0001_create_users.sql`, `repeatable/10_triggers.sql`. */
  name: string;
  /** Path for messages: relative if it lies below the working directory. */
  path: string;
  /** The four digits of a versioned file; absent for a repeatable one. */
  version?: string;
  /** SHA-256 of the file's bytes, 64 hex digits. */
  checksum: string;
}

/** The files of one database: versioned ones by number, repeatable ones by name. */
export interface MigrationFiles {
  versioned: MigrationFile[];
  repeatable: MigrationFile[];
}

const VERSIONED_NAME = /^(\d{4})_[a-z][a-z0-9_]*\.sql$/;
const REPEATABLE_NAME = /^[a-z0-9][a-z0-9_]*\.sql$/;
const REPEATABLE_FOLDER = "repeatable";

/**
 * Reads the folder of one database, `NNNN_verb_object.sql` and `repeatable/*.sql`.
 * @throws MigrationFilesError that lists every fault of every file.
 */
export function readMigrations(directory: string): MigrationFiles {
  const faults: Fault[] = [];
  const versioned = readFolder(directory, "", VERSIONED_NAME, faults);
  const repeatable = fs.existsSync(path.join(directory, REPEATABLE_FOLDER))
    ? readFolder(directory, REPEATABLE_FOLDER, REPEATABLE_NAME, faults)
    : [];
  checkNumbers(versioned, faults);
  if (faults.length > 0) {
    throw new MigrationFilesError(
      `Migrations in ${toReadablePath(directory)} cannot be used:`,
      faults,
    );
  }
  return { versioned, repeatable };
}

function readFolder(
  directory: string,
  subfolder: string,
  pattern: RegExp,
  faults: Fault[],
): MigrationFile[] {
  const folder = path.join(directory, subfolder);
  let entries: fs.Dirent[];
  try {
    entries = fs.readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    faults.push({ file: toReadablePath(folder), message: `cannot be read as a folder (${code})` });
    return [];
  }
  const files: MigrationFile[] = [];
  // By code unit, not by locale: the order must be the same on every machine.
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const isRepeatableFolder = subfolder === "" && entry.name === REPEATABLE_FOLDER;
    if (entry.name.startsWith(".") || (isRepeatableFolder && !entry.isFile())) {
      continue;
    }
    const found = pattern.exec(entry.name);
    if (found === null || entry.isDirectory()) {
      faults.push({
        file: toReadablePath(path.join(folder, entry.name)),
        message: describeBadName(subfolder),
      });
      continue;
    }
    const name = subfolder === "" ? entry.name : `${subfolder}/${entry.name}`;
    files.push(readFile(path.join(folder, entry.name), name, found[1], faults));
  }
  return files;
}

function describeBadName(subfolder: string): string {
  return subfolder === ""
    ? `is not a valid name for a migration; name it NNNN_verb_object.sql (four digits, then a-z, 0-9 and _), put it in ${REPEATABLE_FOLDER}/ if it may run again, or move it out of the folder`
    : "is not a valid name for a repeatable migration; name it NN_name.sql (a-z, 0-9 and _), or move it out of the folder";
}

function readFile(
  location: string,
  name: string,
  version: string | undefined,
  faults: Fault[],
): MigrationFile {
  const file = toReadablePath(location);
  const bytes = fs.readFileSync(location);
  const text = readText(bytes, version !== undefined, (fault) => faults.push({ file, ...fault }));
  const checksum = createHash("sha256").update(bytes).digest("hex");
  return { name, path: file, version, checksum, ...text };
}

function checkNumbers(files: MigrationFile[], faults: Fault[]): void {
  let expected = 1;
  let previous: MigrationFile | undefined;
  for (const file of files) {
    const number = Number(file.version);
    if (previous !== undefined && number === Number(previous.version)) {
      faults.push({
        file: file.path,
        message: `has the same number as ${previous.name}; give the later file the next free number`,
      });
    } else if (number !== expected) {
      faults.push({
        file: file.path,
        message: `follows ${previous?.name ?? "no file"}, but ${formatNumber(expected)} was expected; numbers start at 0001 and have no gaps`,
      });
    }
    expected = number + 1;
    previous = file;
  }
}

function formatNumber(number: number): string {
  return String(number).padStart(4, "0");
}

function toReadablePath(location: string): string {
  const relative = path.relative(process.cwd(), location);
  return relative.startsWith("..") ? location : relative || ".";
}
