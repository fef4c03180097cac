import type { MigrationTarget } from "./connection";
import { compare, type Drift } from "./drift";
import { LockHolder, MigrationConnectionError } from "./errors";
import { MigrationFiles } from "./files";
import { readLedger, readLeftovers } from "./ledger";
import { findHolder } from "./lock";
import { readPermitted } from "./permitted";
import { LedgerView, Plan, plan, PlanOptions } from "./plan";
import { readRights, type RightsFault } from "./rights";
import { findRightsExceptions } from "./rights-exceptions";
import { type Catalogue, type CatalogueObject, readCatalogue } from "./schema-objects";
import { Session } from "./session";
import { readExpected } from "./snapshot";

/**
 * Files and ledger of one database compared. In the first two states every file is pending.
 * Pending and repeatable files contain their text: pick names and hashes before storing or printing it.
 */
export interface MigrationStatus extends Plan {
  database: string;
  state: "no-database" | "no-ledger" | "ready";
  /**
   * Changes by hand since the last run. Undefined if they are unknown: no run has taken a snapshot yet, the last run
   * was killed or is still running, or the server's major version has changed (see `lacksSnapshot`).
   */
  drift?: Drift[];
  /** Rights that differ from the target's design; empty if it has no design. */
  rights: RightsFault[];
  /** The session that is migrating the database now. */
  holder?: LockHolder;
}

/** A status, with the objects that it compared. */
export interface Inspection {
  status: MigrationStatus;
  /** Undefined if the objects that the database should have are unknown; then `status.drift` is as well. */
  catalogue?: DatabaseView["catalogue"];
}

/** Whether changes by hand stay unknown until a run takes a snapshot, and no run is on its way to that. */
export const lacksSnapshot = ({ state, drift, holder }: MigrationStatus): boolean =>
  state === "ready" && drift === undefined && holder === undefined;

const NO_SUCH_DATABASE = "3D000";

/**
 * Reads the ledger and compares it with the files; changes nothing and takes no lock.
 * Faults that would stop a run are in `faults`; they are not thrown.
 * @throws MigrationConnectionError when the server cannot be reached or refuses the login,
 *   MigrationRoleError when the login may not act as the owner.
 */
export const inspect = async (...of: Parameters<typeof inspectObjects>): Promise<MigrationStatus> =>
  (await inspectObjects(...of)).status;

/** The same, with the objects of the database. */
export async function inspectObjects(
  target: MigrationTarget,
  files: MigrationFiles,
  options: PlanOptions = {},
): Promise<Inspection> {
  const { database } = target;
  let session: Session;
  try {
    session = await Session.open(target);
  } catch (error) {
    if (error instanceof MigrationConnectionError && error.code === NO_SUCH_DATABASE) {
      const view = { database, rows: undefined, leftovers: [], late: {} };
      const planned = plan(files, view, options);
      return { status: { database, state: "no-database", rights: [], ...planned } };
    }
    throw error;
  }
  try {
    // As the migrator: the owner may not see when another migrator connected.
    const holder = await findHolder(session);
    await session.becomeOwner();
    const view = { ...(await readView(session, files)), holder };
    const state = view.rows === undefined ? "no-ledger" : "ready";
    const { drift, rights, catalogue } = view;
    const planned = plan(files, view, options);
    return { status: { database, state, holder, drift, rights, ...planned }, catalogue };
  } finally {
    await session.close();
  }
}

/** What a run needs to know of a database. */
export interface DatabaseView extends LedgerView {
  /** The objects that the database should have, and those that it has; undefined if the former are unknown. */
  catalogue?: { expected: Catalogue; found: Catalogue };
  rights: RightsFault[];
}

/** Reads the ledger, leftovers of unfinished statements, and changes by hand. */
export async function readView(session: Session, files: MigrationFiles): Promise<DatabaseView> {
  const { database } = session.target;
  const permitted = await readPermitted(session);
  const { faults: rights, governs } = await readRights(
    session,
    await findRightsExceptions(files),
    permitted.rights,
  );
  const { late } = permitted;
  const rows = await readLedger(session);
  if (rows === undefined) {
    return { database, rows, leftovers: [], late, rights };
  }
  const unfinished = rows.some(({ finishedAt }) => finishedAt === null);
  const leftovers = unfinished ? await readLeftovers(session) : [];
  const expected = await readExpected(session);
  if (expected === undefined) {
    return { database, rows, leftovers, late, rights };
  }
  const catalogue = { expected, found: await readCatalogue(session) };
  // For a right, the design decides, and not what the last run left.
  const drift = compare(expected, catalogue.found).filter(({ expected: was, found: is }) => {
    const { kind, name, partOf } = (was ?? is) as CatalogueObject;
    return kind !== "grant" || !governs(partOf ?? "", name);
  });
  return { database, rows, leftovers, late, rights, catalogue, drift };
}
