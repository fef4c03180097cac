import { type Drift, isRestorable } from "./drift";
import { Fault, LockHolder } from "./errors";
import { MigrationFile, MigrationFiles } from "./files";
import { LedgerRow, Leftover } from "./ledger";

/** What a database says of itself. */
export interface LedgerView {
  database: string;
  /** Undefined where there is no ledger yet. */
  rows: LedgerRow[] | undefined;
  /** Invalid indexes and half-detached partitions; looked for where a row is unfinished. */
  leftovers: Leftover[];
  /** What was changed by hand since the last run; undefined where that cannot be told. */
  drift?: Drift[];
  /** Hash by name of files that a repair lets run although their number is late. */
  late: Record<string, string>;
  /** A run that is going on in another process. */
  holder?: LockHolder;
}

export interface PlanOptions {
  /** Lets a file run whose number is below one already applied. @default false */
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
  /** Applied versioned files whose text is another now. */
  changed: { name: string; recorded: string; current: string }[];
  /** Files that were applied under another name; the other lists have them under the present one. */
  renamed: { from: string; to: string }[];
  /** Versioned files that the ledger has and the folder has not. */
  missing: string[];
  /** Pending files whose number is below one already applied. */
  outOfOrder: string[];
  /** Statements outside of a transaction that were begun and not seen to end. */
  unfinished: { name: string; startedAt: string }[];
  /** Why nothing may be run; empty when it may. */
  faults: Fault[];
}

/** Compares without touching anything. */
export function plan(
  files: MigrationFiles,
  view: LedgerView,
  { allowOutOfOrder = false }: PlanOptions = {},
): Plan {
  const renamed = findRenamed(files.versioned, view.rows ?? []);
  const rows = (view.rows ?? []).map((row) => underNewName(row, renamed)).sort(byVersion);
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
      `was applied as ${from}, with the same hash. Restore that name; or, for the ledger to have the new one: npm run migrations -- repair ${view.database} --renamed ${file.name}.`,
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
      // All of them: which file makes the object that is gone, nobody has written down.
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
        `has the number under which ${row.name} was applied. Restore that name; put new work under the next free number.`,
      );
    } else if (row.finishedAt !== null) {
      if (row.checksum === file.checksum) {
        const finishedAt = row.finishedAt.toISOString();
        result.applied.push({ ...entry(row), finishedAt, durationMs: row.durationMs ?? 0 });
      } else {
        placeChanged(file, row);
      }
    }
  }

  function placeChanged(file: MigrationFile, row: LedgerRow) {
    result.changed.push({ name: file.name, recorded: row.checksum, current: file.checksum });
    refuse(
      file.path,
      `changed after it was applied (applied as sha256 ${row.checksum}, now ${file.checksum}). Restore it; put the change in a new migration.`,
    );
  }

  function placeLate(file: MigrationFile) {
    result.outOfOrder.push(file.name);
    if (!allowOutOfOrder && view.late[file.name] !== file.checksum) {
      refuse(
        file.path,
        `is new but its number is below ${newest}, which is already applied. Give it the next free number; or, where it may run after what is applied: npm run migrations -- repair ${view.database} --late ${file.name}.`,
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
          ? "is applied but not among the files: the database is ahead of this checkout. Use a checkout that has it."
          : "was applied but its file is gone. Restore it; undo its work in a new migration.",
      );
    }
  }

  function placeUnfinished(row: LedgerRow) {
    const startedAt = row.startedAt.toISOString();
    result.unfinished.push({ name: row.name, startedAt });
    refuse(
      files.versioned.find(({ name }) => name === row.name)?.path ?? row.name,
      view.holder === undefined
        ? `was begun at ${startedAt} outside of a transaction and not seen to end. ${wayOut(view.database, row.name, view.leftovers)}`
        : `is being run since ${startedAt} by pid ${view.holder.pid} (${view.holder.applicationName}). Wait for it.`,
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

/** Finished rows whose name is gone, where one new file, and no other, has their hash. */
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

function underNewName(row: LedgerRow, renamed: Renamed[]): LedgerRow {
  const file = renamed.find(({ from }) => from === row.name)?.file;
  return file ? { ...row, name: file.name, version: file.version ?? null } : row;
}

const byVersion = (a: LedgerRow, b: LedgerRow) =>
  (a.version ?? "") < (b.version ?? "") ? -1 : a.version === b.version ? 0 : 1;

/** The manual step after a statement outside of a transaction was interrupted. */
export function wayOut(database: string, name: string, leftovers: Leftover[]): string {
  const found = leftovers.map(({ what }) => what).join(", ") || "nothing half-made was found";
  const remedies = leftovers.map(({ remedy }) => `${remedy}. `).join("");
  const repair = `npm run migrations -- repair ${database}`;
  return (
    `See whether it took effect (${found}). ${remedies}If it did: ${repair} --finished ${name}. ` +
    `If not, undo what is left of it; then, so that it runs again: ${repair} --rerun ${name}.`
  );
}

function entry({ name, checksum }: LedgerRow): { name: string; checksum: string } {
  return { name, checksum };
}
