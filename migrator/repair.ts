import type { MigrationTarget } from "./connection";
import { MigrationError } from "./errors";
import type { MigrationFile, MigrationFiles } from "./files";
import { type DatabaseView, readView } from "./inspect";
import * as ledger from "./ledger";
import { takeLock } from "./lock";
import { permit } from "./permitted";
import { type Plan, plan } from "./plan";
import { readCatalogue } from "./schema-objects";
import { Session } from "./session";
import { readExpected, writeExpected } from "./snapshot";

/** One correction of the ledger. No repair runs a file, and none changes more than the ledger and its snapshot. */
export type Repair =
  /** `finished`: an unfinished statement took effect. `rerun`: it did not, and should run again. */
  | { kind: "finished" | "rerun"; name: string }
  /** The pending file was run by hand, or the database already had its objects. */
  | { kind: "applied"; name: string }
  /** The file was edited after it was applied, and the database needs no change: its current hash counts. */
  | { kind: "accept"; name: string }
  /** The file was removed for good: its row is deleted. */
  | { kind: "forget"; name: string }
  /** An applied file was renamed: its row gets the new name and number. */
  | { kind: "renamed"; name: string }
  /** The pending file may run although a higher number is already applied. */
  | { kind: "late"; name: string }
  /** Changes by hand stay: the current state of the database is the expected one. */
  | { kind: "accept-drift" };

const WAIT_FOR_LOCK_MS = 10_000;

/** Describes a repair, for a person to confirm. */
export function describeRepair(repair: Repair): string {
  switch (repair.kind) {
    case "finished":
    case "applied":
      return `record ${repair.name} as applied, without running it`;
    case "rerun":
      return `delete the row of ${repair.name}, so that the next run runs it again`;
    case "accept":
      return `record the current hash of ${repair.name} as the applied one, without running it`;
    case "forget":
      return `delete the row of ${repair.name}; the objects that it created stay`;
    case "renamed":
      return `record ${repair.name} as the new name of the applied file with the same hash, without running it`;
    case "late":
      return `allow the next run to run ${repair.name}, although a higher number is already applied`;
    case "accept-drift":
      return "accept the current state of the database as the expected one";
  }
}

/** The files to which each kind of repair can be applied. */
export const repairable = (status: Plan) => ({
  finished: status.unfinished.map(({ name }) => name),
  rerun: status.unfinished.map(({ name }) => name),
  applied: status.pending.map(({ name }) => name),
  accept: status.changed.map(({ name }) => name),
  forget: status.missing,
  renamed: status.renamed.map(({ to }) => to),
  late: status.outOfOrder,
});

/**
 * Corrects the ledger, all or nothing, while no other run is active.
 * @throws MigrationError that lists every repair that is not possible, MigrationLockError, MigrationConnectionError.
 */
export async function repair(
  target: MigrationTarget,
  files: MigrationFiles,
  repairs: Repair[],
): Promise<void> {
  await underLock(target, files, async (session, view) => {
    const possible = findPossible(files, view, repairs);
    const faults = [
      ...repairs.flatMap((each) => findFaults(each, possible, view)),
      ...findSkipped(repairs, possible.applied),
    ];
    if (view.rows === undefined) {
      faults.push("there is no ledger to repair; up creates it");
    }
    if (faults.length > 0) {
      throw new MigrationError(
        [`Nothing was repaired on ${target.database}:`, ...faults].join("\n  "),
      );
    }
    const byName = new Map(files.versioned.map((file) => [file.name, file]));
    const adopts = repairs.some(({ kind }) => kind === "accept-drift");
    await session.query("begin");
    // Rows are deleted before others take their numbers.
    for (const each of repairs.filter(({ kind }) => kind === "forget")) {
      await ledger.deleteRow(session, nameIn(each));
    }
    const renames = repairs.filter(({ kind }) => kind === "renamed").map(nameIn);
    await ledger.renameRows(
      session,
      plan(files, view).renamed.filter(({ to }) => renames.includes(to)),
    );
    for (const each of repairs) {
      await applyRepair(session, each, byName);
    }
    // After a row is deleted, the ledger may match the last snapshot again.
    const known = adopts ? undefined : (view.catalogue?.expected ?? (await readExpected(session)));
    await writeExpected(session, known ?? (await readCatalogue(session)));
    const late = repairs.filter(({ kind }) => kind === "late").map(nameIn);
    if (late.length > 0 || (adopts && view.rights.length > 0)) {
      const rights = adopts ? view.rights : [];
      await permit(session, {
        rights: Object.fromEntries(rights.map(({ object, found }) => [object, found])),
        late: Object.fromEntries(late.map((name) => [name, byName.get(name)?.checksum ?? ""])),
      });
    }
    await session.query("commit");
  });
}

const nameIn = (each: Repair) => ("name" in each ? each.name : "");

/**
 * The files to which each kind of repair can be applied, given the other repairs: `applied` can take a number that
 * `forget` frees, and both together can replace `renamed`.
 */
function findPossible(files: MigrationFiles, view: DatabaseView, repairs: Repair[]) {
  const now = plan(files, view);
  const names = (kind: Repair["kind"]) => repairs.filter((each) => each.kind === kind).map(nameIn);
  const replaced = now.renamed.filter(({ to }) => names("applied").includes(to));
  const forgettable = [...now.missing, ...replaced.map(({ from }) => from)];
  const forgotten = names("forget").filter((name) => forgettable.includes(name));
  const rows = view.rows?.filter(({ name }) => !forgotten.includes(name));
  return {
    ...repairable(now),
    forget: forgettable,
    applied: repairable(plan(files, { ...view, rows })).applied,
  };
}

function findFaults(
  each: Repair,
  possible: ReturnType<typeof repairable>,
  { drift, leftovers, rights }: DatabaseView,
): string[] {
  if (each.kind === "accept-drift") {
    return drift?.length === 0 && rights.length === 0
      ? ["accept-drift: nothing was changed by hand"]
      : [];
  }
  if (each.kind === "finished" && leftovers.length > 0) {
    const found = leftovers.map(({ what, remedy }) => `${what}. ${remedy}`).join("; ");
    return [`finished ${each.name}: it left ${found}. Do this first`];
  }
  const names = possible[each.kind];
  return names.includes(each.name)
    ? []
    : [
        `${each.kind} ${each.name}: ${names.length > 0 ? `possible only for ${names.join(", ")}` : "not possible for any file now"}`,
      ];
}

/** Files run in the order of their numbers, so none may be recorded while a lower number is pending. */
function findSkipped(repairs: Repair[], pending: string[]): string[] {
  const recorded = repairs.flatMap((each) => (each.kind === "applied" ? [each.name] : []));
  return pending
    .slice(0, recorded.length)
    .filter((name) => !recorded.includes(name))
    .map((name) => `applied: ${name} comes first and is pending`);
}

async function applyRepair(session: Session, each: Repair, files: Map<string, MigrationFile>) {
  switch (each.kind) {
    case "finished":
      await ledger.recordFinished(session, each.name, 0);
      break;
    case "applied":
      await ledger.recordApplied(session, files.get(each.name)!, 0);
      break;
    case "rerun":
      await ledger.deleteRow(session, each.name);
      break;
    case "accept":
      await ledger.replaceChecksum(session, each.name, files.get(each.name)!.checksum);
      break;
    case "forget":
    case "renamed":
    case "late":
    case "accept-drift":
      break;
  }
}

/**
 * The files that a baseline records: all versioned ones, or those up to a number.
 * @throws MigrationError if no file has the number
 */
export function planBaseline({ versioned }: MigrationFiles, through?: string): MigrationFile[] {
  if (through === undefined) {
    return versioned;
  }
  const last = versioned.findIndex(({ version }) => version === through.padStart(4, "0"));
  if (last === -1) {
    const range = `${versioned[0]?.version} to ${versioned.at(-1)?.version}`;
    throw new MigrationError(`No file has the number ${through}; the files have ${range}.`);
  }
  return versioned.slice(0, last + 1);
}

/**
 * Records files as applied without running them, on a database that already has their objects.
 * @throws MigrationError if the ledger already has versioned files or the database is empty,
 *   MigrationLockError, MigrationConnectionError.
 */
export async function baseline(target: MigrationTarget, files: MigrationFile[]): Promise<void> {
  await underLock(target, { versioned: files, repeatable: [] }, async (session, view) => {
    const known = view.rows?.filter(({ kind }) => kind === "versioned") ?? [];
    if (known.length > 0) {
      throw new MigrationError(
        `${target.database} already has a ledger with ${known.length} versioned files, starting with ${known[0]?.name}. A baseline is only for a database without one.`,
      );
    }
    const found = await readCatalogue(session);
    if (![...found.values()].some(({ kind }) => kind === "table")) {
      throw new MigrationError(
        `${target.database} has no table, so there is nothing to adopt. Run the files with up instead.`,
      );
    }
    await ledger.createLedger(session);
    await session.query("begin");
    for (const file of files) {
      await ledger.recordApplied(session, file, 0);
    }
    await writeExpected(session, found);
    await session.query("commit");
  });
}

async function underLock(
  target: MigrationTarget,
  files: MigrationFiles,
  act: (session: Session, view: DatabaseView) => Promise<void>,
): Promise<void> {
  const session = await Session.open(target);
  try {
    await takeLock(session, WAIT_FOR_LOCK_MS, () => undefined);
    await session.becomeOwner();
    await act(session, await readView(session, files));
  } finally {
    // An open transaction ends with its connection.
    await session.close();
  }
}
