import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";

import { Fault, MigrationFilesError } from "./errors";
import { lineAndColumn } from "./position";
import {
  acceptsInvalidIndex,
  controlsTransaction,
  type LineComment,
  scan,
  type ScanResult,
  type Statement,
} from "./scan";

/** A file that was read and found sound. */
export interface MigrationFile {
  /** Path inside the database's folder and key of the ledger: `0001_create_users.sql`, `repeatable/10_triggers.sql`. */
  name: string;
  /** Path for messages, relative to the working directory where it lies below it. */
  path: string;
  /** The four digits of a versioned file; absent for a repeatable one. */
  version?: string;
  /** SHA-256 of the file's bytes, 64 hex digits. */
  checksum: string;
  sql: string;
  statements: Statement[];
  /** Line comments, which may hold directives and waivers. */
  comments: LineComment[];
  /** False where the file is marked `-- migrate: no-transaction`; it then holds exactly one statement. */
  transactional: boolean;
}

/** The files of one database: versioned ones by number, repeatable ones by name. */
export interface MigrationFiles {
  versioned: MigrationFile[];
  repeatable: MigrationFile[];
}

const VERSIONED_NAME = /^(\d{4})_[a-z][a-z0-9_]*\.sql$/;
const REPEATABLE_NAME = /^[a-z0-9][a-z0-9_]*\.sql$/;
const REPEATABLE_FOLDER = "repeatable";
const DIRECTIVE = /^\s*migrate:\s*(.*?)\s*$/;
const NO_TRANSACTION = "no-transaction";

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
    throw new MigrationFilesError(`Migrations in ${readable(directory)} cannot be used:`, faults);
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
    faults.push({ file: readable(folder), message: `is not a folder that can be read (${code})` });
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
      faults.push({ file: readable(path.join(folder, entry.name)), message: badName(subfolder) });
      continue;
    }
    const name = subfolder === "" ? entry.name : `${subfolder}/${entry.name}`;
    files.push(readFile(path.join(folder, entry.name), name, found[1], faults));
  }
  return files;
}

function badName(subfolder: string): string {
  return subfolder === ""
    ? `is not a migration's name; call it NNNN_verb_object.sql (four digits, then a-z, 0-9 and _), put what may run again in ${REPEATABLE_FOLDER}/, or move it out of the folder`
    : "is not a repeatable migration's name; call it NN_name.sql (a-z, 0-9 and _) or move it out of the folder";
}

function readFile(
  location: string,
  name: string,
  version: string | undefined,
  faults: Fault[],
): MigrationFile {
  const file = readable(location);
  const bytes = fs.readFileSync(location);
  const sql = bytes.toString("utf8");
  let scanned: ScanResult = { statements: [], comments: [], faults: [] };
  let transactional = true;
  if (!isUtf8(bytes)) {
    const line = firstBadLine(bytes);
    faults.push({ file, line, message: "is not UTF-8 on this line; save the file as UTF-8" });
  } else if (checkText(sql, file, faults)) {
    scanned = scan(sql);
    transactional = !readDirectives(sql, scanned, file, version !== undefined, faults);
    checkStatements(sql, scanned, file, faults);
    const [first] = scanned.statements;
    if (first && acceptsInvalidIndex(first)) {
      faults.push({
        file,
        ...lineAndColumn(sql, first.start),
        message:
          "takes an index that an interrupted build left invalid for the finished one; leave IF NOT EXISTS out",
      });
    }
    if (!transactional && scanned.statements.length > 1) {
      faults.push({
        file,
        message: `holds ${scanned.statements.length} statements but is marked ${NO_TRANSACTION}, where a file holds exactly one; give each its own file`,
      });
    }
  }
  const checksum = createHash("sha256").update(bytes).digest("hex");
  const { statements, comments } = scanned;
  return { name, path: file, version, checksum, sql, statements, comments, transactional };
}

/** Line of the first byte that is not UTF-8. No multi-byte sequence holds the byte of a line feed. */
function firstBadLine(bytes: Buffer): number {
  let line = 1;
  for (let start = 0; start < bytes.length; line += 1) {
    const feed = bytes.indexOf(0x0a, start);
    const end = feed === -1 ? bytes.length : feed;
    if (!isUtf8(bytes.subarray(start, end))) {
      break;
    }
    start = end + 1;
  }
  return line;
}

/** Faults of the bare text. Returns whether looking at its statements makes sense. */
function checkText(sql: string, file: string, faults: Fault[]): boolean {
  const known = faults.length;
  const refuse = (index: number, message: string) => {
    if (index !== -1) {
      faults.push({ file, ...lineAndColumn(sql, index), message });
    }
  };
  refuse(
    sql.startsWith("\ufeff") ? 0 : -1,
    "begins with a byte order mark; save the file as UTF-8 without one",
  );
  refuse(sql.indexOf("\0"), "holds a NUL character, which PostgreSQL does not take; remove it");
  refuse(
    sql.indexOf("\r"),
    "holds a carriage return; its hash would differ between machines. Save it with LF line ends, and set `*.sql text eol=lf` in .gitattributes",
  );
  return faults.length === known;
}

/** Returns whether the file is marked as one that runs outside of a transaction. */
function readDirectives(
  sql: string,
  { comments, statements }: ScanResult,
  file: string,
  mayOptOut: boolean,
  faults: Fault[],
): boolean {
  let marked = false;
  for (const { index, text } of comments) {
    const directive = DIRECTIVE.exec(text)?.[1];
    if (directive === undefined) {
      continue;
    }
    const refuse = (message: string) =>
      faults.push({
        file,
        ...lineAndColumn(sql, index),
        message: `"migrate: ${directive}" ${message}`,
      });
    if (directive !== NO_TRANSACTION) {
      refuse(`is not known; the only mark is "migrate: ${NO_TRANSACTION}"`);
    } else if (!mayOptOut) {
      refuse("is for versioned files only; a repeatable one always runs in a transaction");
    } else if (index > (statements[0]?.start ?? Infinity)) {
      refuse("must stand above the statement");
    } else {
      marked = true;
    }
  }
  return marked;
}

function checkStatements(sql: string, scanned: ScanResult, file: string, faults: Fault[]): void {
  const refuse = (index: number, message: string) =>
    faults.push({ file, ...lineAndColumn(sql, index), message });
  if (scanned.statements.length === 0 && scanned.faults.length === 0) {
    faults.push({ file, message: "holds no statement; write one or remove the file" });
  }
  for (const { index, problem, text } of scanned.faults) {
    refuse(
      index,
      problem === "unterminated"
        ? `the ${text} that begins here is never closed`
        : `"${text}" is a psql command, which the server does not know; write it as SQL`,
    );
  }
  for (const statement of scanned.statements.filter(controlsTransaction)) {
    refuse(
      statement.start,
      `"${/^\w*/.exec(statement.kind)?.[0].toUpperCase()}" controls a transaction; remove it, each file already runs in one of its own`,
    );
  }
}

function checkNumbers(files: MigrationFile[], faults: Fault[]): void {
  let expected = 1;
  let previous: MigrationFile | undefined;
  for (const file of files) {
    const number = Number(file.version);
    if (previous !== undefined && number === Number(previous.version)) {
      faults.push({
        file: file.path,
        message: `has the number of ${previous.name}; give the later of the two the next free number`,
      });
    } else if (number !== expected) {
      faults.push({
        file: file.path,
        message: `follows ${previous?.name ?? "nothing"} but ${padded(expected)} was expected; numbers have no gaps and begin at 0001`,
      });
    }
    expected = number + 1;
    previous = file;
  }
}

function padded(number: number): string {
  return String(number).padStart(4, "0");
}

function readable(location: string): string {
  const relative = path.relative(process.cwd(), location);
  return relative.startsWith("..") ? location : relative || ".";
}
