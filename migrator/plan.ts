import { type Drift, isRestorable } from "./drift";
import { Fault, LockHolder } from "./errors";
import { MigrationFile, MigrationFiles } from "./files";
import { LedgerRow, Leftover } from "./ledger";

/** The state of a database, as far as a plan needs it. */
export interface LedgerView {
  database: string;
  /** Undefined if there is no ledger yet. */
  rows: LedgerRow[] | undefined;
  /** Invalid indexes and half-detached partitions; read only if a row is unfinished. */
  leftovers: Leftover[];
  /** Changes by hand since the last run; undefined if they are unknown. */
  drift?: Drift[];
  /** Hash by name of files that a repair allows to run although a higher number is already applied. */
  late: Record<string, string>;
  /** A run in another process. */
  holder?: LockHolder;
}

export interface PlanOptions {
  /** Allows a file to run although a higher number is already applied. @default false */
  allowOutOfOrder?: boolean;
}

/** Files and ledger compared. */
export interface Plan {
  /** Versioned files that the ledger has as finished, in order. */
  applied: { name: string; checksum: string; finishedAt: string; durationMs: number }[];
  /** Versioned files that will run, in order. */
  pending: MigrationFile[];
  /** Repeatable files that will run after them, in order. */
  repeatables: { file: MigrationFile; reason: "new" | "changed" | "drift" }[];
  /** Applied versioned files whose text has changed. */
  changed: { name: string; recorded: string; current: string }[];
  /** Files that were applied under another name; the other lists have their current name. */
  renamed: { from: string; to: string }[];
  /** Versioned files that are in the ledger but not in the folder. */
  missing: string[];
  /** Pending files with a number below one that is already applied. */
  outOfOrder: string[];
  /** Files outside of a transaction that were started and did not finish. */
  unfinished: { name: string; startedAt: string }[];
  /** Reasons why no file may run; empty if files may run. */
  faults: Fault[];
}

/** Compares files and ledger; changes nothing. */
export function plan(
  files: MigrationFiles,
  view: LedgerView,
  { allowOutOfOrder = false }: PlanOptions = {},
): Plan {
  const renamed = findRenamed(files.versioned, view.rows ?? []);
  const rows = (view.rows ?? []).map((row) => applyRename(row, renamed)).sort(byVersion);
  const recorded = new Map(rows.map((row) => [row.version ?? row.name, row]));
  const versionedRows = rows.filter(({ kind }) => kind === "versioned");
  const restores = view.drift?.some(isRestorable) ?? false;
  const newest = versionedRows.at(-1)?.version ?? "";
  const result: Plan = {
    applied: [],
    pending: [],
    repeatables: [],
    changed: [],
    renamed: renamed.map(({ from, file }) => ({ from, to: file.name })),
    missing: [],
    outOfOrder: [],
    unfinished: [],
    faults: [],
  };
  renamed.forEach(({ from, file }) =>
    refuse(
      file.path,
      `was applied as ${from}, with the same hash. Restore that name, or record the new one: npm run migrations -- repair ${view.database} --renamed ${file.name}.`,
    ),
  );
  files.versioned.forEach(placeVersioned);
  versionedRows.filter(({ finishedAt }) => finishedAt === null).forEach(placeUnfinished);
  placeMissing();
  for (const file of files.repeatable) {
    const row = recorded.get(file.name);
    if (row?.checksum !== file.checksum) {
      result.repeatables.push({ file, reason: row === undefined ? "new" : "changed" });
    } else if (restores) {
      // All of them: it is not recorded which file created the missing object.
      result.repeatables.push({ file, reason: "drift" });
    }
  }
  return result;

  function placeVersioned(file: MigrationFile) {
    const row = recorded.get(file.version ?? file.name);
    if (row === undefined) {
      result.pending.push(file);
      if ((file.version ?? "") < newest) {
        placeLate(file);
      }
    } else if (row.name !== file.name) {
      result.missing.push(row.name);
      refuse(
        file.path,
        `has the number of ${row.name}, which is already applied. Restore that name, and give new work the next free number.`,
      );
    } else if (row.finishedAt !== null) {
      if (row.checksum === file.checksum) {
        const finishedAt = row.finishedAt.toISOString();
        result.applied.push({ ...pickEntry(row), finishedAt, durationMs: row.durationMs ?? 0 });
      } else {
        placeChanged(file, row);
      }
    }
  }

  function placeChanged(file: MigrationFile, row: LedgerRow) {
    result.changed.push({ name: file.name, recorded: row.checksum, current: file.checksum });
    refuse(
      file.path,
      `changed after it was applied (applied as sha256 ${row.checksum}, now ${file.checksum}). Restore it, and put the change in a new migration.`,
    );
  }

  function placeLate(file: MigrationFile) {
    result.outOfOrder.push(file.name);
    if (!allowOutOfOrder && view.late[file.name] !== file.checksum) {
      refuse(
        file.path,
        `is new, but its number is below ${newest}, which is already applied. Give it the next free number; or, if it may run after the applied files: npm run migrations -- repair ${view.database} --late ${file.name}.`,
      );
    }
  }

  function placeMissing() {
    const known = new Set(files.versioned.map(({ version }) => version));
    const last = files.versioned.at(-1)?.version ?? "";
    for (const row of versionedRows.filter(({ version }) => !known.has(version ?? ""))) {
      result.missing.push(row.name);
      refuse(
        row.name,
        (row.version ?? "") > last
          ? "is applied, but its file is missing: the database is ahead of this checkout. Use a checkout that has the file."
          : "was applied, but its file is missing. Restore it, and undo its work in a new migration.",
      );
    }
  }

  function placeUnfinished(row: LedgerRow) {
    const startedAt = row.startedAt.toISOString();
    result.unfinished.push({ name: row.name, startedAt });
    refuse(
      files.versioned.find(({ name }) => name === row.name)?.path ?? row.name,
      view.holder === undefined
        ? `was started at ${startedAt} outside of a transaction and did not finish. ${describeRecovery(view.database, row.name, view.leftovers)}`
        : `has been running since ${startedAt} in pid ${view.holder.pid} (${view.holder.applicationName}). Wait until it ends.`,
    );
  }

  function refuse(file: string, message: string) {
    result.faults.push({ file, message });
  }
}

interface Renamed {
  from: string;
  file: MigrationFile;
}

/** Finished rows without a file of their name, if exactly one new file has their hash. */
function findRenamed(files: MigrationFile[], rows: LedgerRow[]): Renamed[] {
  const names = new Set(files.map(({ name }) => name));
  const known = new Set(rows.map(({ name }) => name));
  const gone = rows.filter(({ kind, name }) => kind === "versioned" && !names.has(name));
  const added = files.filter(({ name }) => !known.has(name));
  return gone.flatMap((row): Renamed[] => {
    const [file, ...others] = added.filter(({ checksum }) => checksum === row.checksum);
    const isOne = gone.filter(({ checksum }) => checksum === row.checksum).length === 1;
    return file && others.length === 0 && isOne && row.finishedAt !== null
      ? [{ from: row.name, file }]
      : [];
  });
}

function applyRename(row: LedgerRow, renamed: Renamed[]): LedgerRow {
  const file = renamed.find(({ from }) => from === row.name)?.file;
  return file ? { ...row, name: file.name, version: file.version ?? null } : row;
}

const byVersion = (a: LedgerRow, b: LedgerRow) =>
  (a.version ?? "") < (b.version ?? "") ? -1 : a.version === b.version ? 0 : 1;

/** The manual steps after a statement outside of a transaction was interrupted. */
export function describeRecovery(database: string, name: string, leftovers: Leftover[]): string {
  const found = leftovers.map(({ what }) => what).join(", ") || "no half-finished object was found";
  const remedies = leftovers.map(({ remedy }) => `${remedy}. `).join("");
  const repair = `npm run migrations -- repair ${database}`;
  return (
    `Check whether it took effect (${found}). ${remedies}If it did, run: ${repair} --finished ${name}. ` +
    `If not, undo what it left and run: ${repair} --rerun ${name}.`
  );
}

function pickEntry({ name, checksum }: LedgerRow): { name: string; checksum: string } {
  return { name, checksum };
}
