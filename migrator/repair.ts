import { MigrationError } from "./errors";
import type { MigrationFile, MigrationFiles } from "./files";
import { type DatabaseView, readView } from "./inspect";
import * as ledger from "./ledger";
import { takeLock } from "./lock";
import { permit } from "./permitted";
import { type Plan, plan } from "./plan";
import { readCatalogue } from "./schema-objects";
import { MigrationTarget, Session } from "./session";
import { readExpected, writeExpected } from "./snapshot";

/** One correction of the ledger. None of them runs a file or changes anything but the ledger and its snapshot. */
export type Repair =
  /** `finished`: an unfinished statement took effect. `rerun`: it did not, and is to run again. */
  | { kind: "finished" | "rerun"; name: string }
  /** Somebody ran the pending file by hand, or the database had already what it makes. */
  | { kind: "applied"; name: string }
  /** The file was edited after it was applied and the database needs nothing for it: its hash of today counts. */
  | { kind: "accept"; name: string }
  /** The file is gone for good: its row goes too. */
  | { kind: "forget"; name: string }
  /** An applied file has another name now: its row gets that name, and number. */
  | { kind: "renamed"; name: string }
  /** The pending file may run although its number is below one that is applied. */
  | { kind: "late"; name: string }
  /** What was changed by hand is to stay: the database as it is now counts. */
  | { kind: "accept-drift" };

const WAIT_FOR_LOCK_MS = 10_000;

/** What a repair does, for a person to agree to. */
export function describeRepair(repair: Repair): string {
  switch (repair.kind) {
    case "finished":
    case "applied":
      return `record ${repair.name} as applied; it is not run`;
    case "rerun":
      return `forget that ${repair.name} was begun; the next run runs it again`;
    case "accept":
      return `record the present hash of ${repair.name} in place of the one that was applied; it is not run`;
    case "forget":
      return `forget that ${repair.name} was applied; what it made stays`;
    case "renamed":
      return `record ${repair.name} as the name of the file that was applied with its hash; it is not run`;
    case "late":
      return `let the next run run ${repair.name} although its number is below one that is applied`;
    case "accept-drift":
      return "take the database as it is now for what it should be";
  }
}

/** Names of files that each kind of repair fits. */
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
 * Corrects the ledger, all or nothing, while no other run goes on.
 * @throws MigrationError that lists every repair that does not fit, MigrationLockError, MigrationConnectionError.
 */
export async function repair(
  target: MigrationTarget,
  files: MigrationFiles,
  repairs: Repair[],
): Promise<void> {
  await underLock(target, files, async (session, view) => {
    const fits = fitting(files, view, repairs);
    const faults = [
      ...repairs.flatMap((each) => misfit(each, fits, view)),
      ...leftOut(repairs, fits.applied),
    ];
    if (view.rows === undefined) {
      faults.push("there is no ledger to repair; up makes it");
    }
    if (faults.length > 0) {
      throw new MigrationError(
        [`Nothing was repaired on ${target.database}:`, ...faults].join("\n  "),
      );
    }
    const byName = new Map(files.versioned.map((file) => [file.name, file]));
    const adopts = repairs.some(({ kind }) => kind === "accept-drift");
    await session.query("begin");
    // Rows go before others take their numbers.
    for (const each of repairs.filter(({ kind }) => kind === "forget")) {
      await ledger.eraseRow(session, named(each));
    }
    const renames = repairs.filter(({ kind }) => kind === "renamed").map(named);
    await ledger.renameRows(
      session,
      plan(files, view).renamed.filter(({ to }) => renames.includes(to)),
    );
    for (const each of repairs) {
      await applyRepair(session, each, byName);
    }
    // A row that is taken back may leave the ledger as it was when its last snapshot was taken.
    const known = adopts ? undefined : (view.catalogue?.expected ?? (await readExpected(session)));
    await writeExpected(session, known ?? (await readCatalogue(session)));
    const late = repairs.filter(({ kind }) => kind === "late").map(named);
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

const named = (each: Repair) => ("name" in each ? each.name : "");

/**
 * What fits, of several repairs together: a number that `forget` frees can be taken by `applied`, and a file that
 * was renamed can be settled by both, in place of `renamed`.
 */
function fitting(files: MigrationFiles, view: DatabaseView, repairs: Repair[]) {
  const now = plan(files, view);
  const names = (kind: Repair["kind"]) => repairs.filter((each) => each.kind === kind).map(named);
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

function misfit(
  each: Repair,
  fits: ReturnType<typeof repairable>,
  { drift, leftovers, rights }: DatabaseView,
): string[] {
  if (each.kind === "accept-drift") {
    return drift?.length === 0 && rights.length === 0
      ? ["accept-drift: nothing was changed by hand"]
      : [];
  }
  if (each.kind === "finished" && leftovers.length > 0) {
    const found = leftovers.map(({ what, remedy }) => `${what}. ${remedy}`).join("; ");
    return [`finished ${each.name}: it left ${found}. Do that first`];
  }
  const names = fits[each.kind];
  return names.includes(each.name)
    ? []
    : [
        `${each.kind} ${each.name}: fits only ${names.join(", ") || "no file of this database now"}`,
      ];
}

/** Files run in the order of their numbers, so that none is recorded above one that is still to run. */
function leftOut(repairs: Repair[], pending: string[]): string[] {
  const recorded = repairs.flatMap((each) => (each.kind === "applied" ? [each.name] : []));
  return pending
    .slice(0, recorded.length)
    .filter((name) => !recorded.includes(name))
    .map((name) => `applied: ${name} comes first, and is pending`);
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
      await ledger.eraseRow(session, each.name);
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
 * @throws MigrationError where there is no such number
 */
export function planBaseline({ versioned }: MigrationFiles, through?: string): MigrationFile[] {
  if (through === undefined) {
    return versioned;
  }
  const last = versioned.findIndex(({ version }) => version === through.padStart(4, "0"));
  if (last === -1) {
    const range = `${versioned[0]?.version} to ${versioned.at(-1)?.version}`;
    throw new MigrationError(`There is no file with the number ${through}; there are ${range}.`);
  }
  return versioned.slice(0, last + 1);
}

/**
 * Records files as applied without running them, on a database that already has what they make.
 * @throws MigrationError where the ledger knows versioned files already or the database is empty,
 *   MigrationLockError, MigrationConnectionError.
 */
export async function baseline(target: MigrationTarget, files: MigrationFile[]): Promise<void> {
  await underLock(target, { versioned: files, repeatable: [] }, async (session, view) => {
    const known = view.rows?.filter(({ kind }) => kind === "versioned") ?? [];
    if (known.length > 0) {
      throw new MigrationError(
        `${target.database} has a ledger with ${known.length} versioned files already, ${known[0]?.name} first. A baseline is for a database without one.`,
      );
    }
    const found = await readCatalogue(session);
    if (![...found.values()].some(({ kind }) => kind === "table")) {
      throw new MigrationError(
        `${target.database} holds no table: there is nothing to adopt. Run the files instead, by up.`,
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
