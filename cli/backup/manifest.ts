/** The manifest of a backup. It is written last: a folder without it is no backup. */
import { FaultError } from "../fault";
import { PROJECT } from "../stack/local-state";

/** Raised when an older program could not restore what a newer one wrote. */
export const FORMAT = 1;
export const MANIFEST = "manifest.json";
/** The manifest is small: what is longer is something else. */
export const LONGEST_MANIFEST = 16 * 1024 * 1024;

/** A table at the moment of the dump. */
export interface TableFacts {
  rows: number;
  /** Sum of a hash of each row's text: the same rows in any order have the same one. */
  digest: string;
}

/** What a database held at the moment of the dump. */
export interface DatabaseFacts {
  /** By name with schema, such as `public.users`. */
  tables: Record<string, TableFacts>;
  /** Number of objects by kind. */
  objects: Record<string, number>;
  /** SHA-256 by name of each migration that was applied. */
  ledger: Record<string, string>;
}

export interface DatabaseEntry extends DatabaseFacts {
  name: string;
  owner: string;
  /** The roles with rights in it. */
  roles: string[];
  file: string;
}

export interface ServiceEntry {
  database: DatabaseEntry;
  /** The service's keys on the session server; absent if the service has none, or nobody may read them all. */
  sessions?: { file: string; keys: number };
}

export interface FileEntry {
  /** Size as it is stored, encrypted. */
  bytes: number;
  /** Of the encrypted content. */
  sha256: string;
}

export interface Manifest {
  format: number;
  project: string;
  stack: string;
  /** ISO-8601, UTC: when the backup began. */
  createdAt: string;
  /** Commit of the program that wrote it; absent outside of git. */
  commit?: string;
  /** Versions of the servers. */
  servers: { postgres: string; redisSession?: string };
  /** By the service's name. */
  services: Record<string, ServiceEntry>;
  /** File with the stack's state and what opens it. */
  state: string;
  files: Record<string, FileEntry>;
}

/** Names that a backup may contain: nothing that leads out of its folder. */
const FILE_NAME = /^[a-z0-9-]+\.(dump|sessions|state)\.age$/;

/**
 * Reads a manifest. It comes from outside, so nothing of it is trusted before it was checked.
 * @param where the backup, for messages
 * @throws FaultError where it is no manifest, or that of another program or of a newer format
 */
export function parseManifest(text: string, where: string): Manifest {
  const found = parseJson(text, where);
  if (typeof found.format === "number" && found.format > FORMAT) {
    throw new FaultError([
      `The backup ${where} has format ${found.format}, and this program reads formats up to ${FORMAT}. ` +
        `Restore it with the program that wrote it${isText(found.commit) ? ` (commit ${found.commit})` : ""}.`,
    ]);
  }
  if (isText(found.project) && found.project !== PROJECT) {
    throw new FaultError([`The backup ${where} is one of the project ${found.project}.`]);
  }
  const manifest = found as unknown as Manifest;
  const isWhole =
    found.format === FORMAT &&
    [found.project, found.stack, found.createdAt, found.state].every(isText) &&
    !Number.isNaN(Date.parse(manifest.createdAt)) &&
    [found.files, found.services, found.servers].every(isObject) &&
    Object.entries(manifest.files).every(isFile) &&
    Object.values(manifest.services).every(isService) &&
    filesOf(manifest).every((file) => Object.hasOwn(manifest.files, file));
  if (!isWhole) {
    throw new FaultError([`The manifest of the backup ${where} is damaged.`]);
  }
  return manifest;
}

function parseJson(text: string, where: string): Record<string, unknown> {
  try {
    const found: unknown = JSON.parse(text);
    if (isObject(found)) {
      return found;
    }
  } catch {
    // The message below says so.
  }
  throw new FaultError([`The manifest of the backup ${where} is damaged.`]);
}

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isFile = ([name, entry]: [string, unknown]): boolean =>
  FILE_NAME.test(name) &&
  isObject(entry) &&
  Number.isSafeInteger(entry.bytes) &&
  isText(entry.sha256) &&
  /^[0-9a-f]{64}$/.test(entry.sha256);

function isService(entry: unknown): boolean {
  if (!isObject(entry) || !isObject(entry.database)) {
    return false;
  }
  const { name, owner, roles, file, tables, objects, ledger } = entry.database;
  const { sessions } = entry;
  return (
    [name, owner, file].every(isText) &&
    Array.isArray(roles) &&
    roles.every(isText) &&
    [tables, objects, ledger].every(isObject) &&
    Object.values(tables as object).every(
      (table: unknown) => isObject(table) && Number.isSafeInteger(table.rows),
    ) &&
    (sessions === undefined || (isObject(sessions) && isText(sessions.file)))
  );
}

/** Names of the files that the parts of a backup are in. */
export const filesOf = ({ services, state }: Pick<Manifest, "services" | "state">): string[] => [
  ...Object.values(services).flatMap(({ database, sessions }) => [
    database.file,
    ...(sessions ? [sessions.file] : []),
  ]),
  state,
];

/** Rows of all tables of a database, but those of the migration runner. */
export const rowsOf = ({ tables }: Pick<DatabaseFacts, "tables">): number =>
  Object.entries(tables)
    .filter(([table]) => !table.startsWith("migrations."))
    .reduce((sum, [, { rows }]) => sum + rows, 0);

/** One sentence for each thing in which a restored database differs from what was backed up. */
export function factDifferences(expected: DatabaseFacts, found: DatabaseFacts): string[] {
  const compare = <T>(
    what: string,
    wanted: Record<string, T>,
    actual: Record<string, T>,
    show: (value: T) => string,
  ): string[] =>
    [...new Set([...Object.keys(wanted), ...Object.keys(actual)])].sort().flatMap((key) => {
      const [should, is] = [wanted, actual].map((facts) =>
        Object.hasOwn(facts, key) ? show(facts[key]) : "none",
      );
      return should === is ? [] : [`${what} ${key}: ${is}, not ${should}`];
    });
  return [
    ...compare(
      "table",
      expected.tables,
      found.tables,
      ({ rows, digest }) => `${rows} rows (digest ${digest})`,
    ),
    ...compare("number of objects,", expected.objects, found.objects, String),
    ...compare("migration", expected.ledger, found.ledger, (checksum) => checksum.slice(0, 12)),
  ];
}
