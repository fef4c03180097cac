import { compare, type Drift } from "./drift";
import { LockHolder, MigrationConnectionError } from "./errors";
import { MigrationFiles } from "./files";
import { readLedger, readLeftovers } from "./ledger";
import { findHolder } from "./lock";
import { readPermitted } from "./permitted";
import { LedgerView, Plan, plan, PlanOptions } from "./plan";
import { readRights, type RightsFault } from "./rights";
import { rightsExceptions } from "./rights-exceptions";
import { type Catalogue, type CatalogueObject, readCatalogue } from "./schema-objects";
import { MigrationTarget, Session } from "./session";
import { readExpected } from "./snapshot";

/**
 * The ledger's view of one database. In the first two states every file is pending.
 * Pending and repeatable files carry their text: pick names and hashes before storing or printing it.
 */
export interface MigrationStatus extends Plan {
  database: string;
  state: "no-database" | "no-ledger" | "ready";
  /**
   * What was changed by hand since the last run. Undefined where that cannot be told: no run has taken a
   * snapshot yet, the last one was killed or is still going on, or the server's major version is another now.
   */
  drift?: Drift[];
  /** Rights that are not as the target's design has them; none where it has no design. */
  rights: RightsFault[];
  /** Who is migrating the database at this moment. */
  holder?: LockHolder;
}

const NO_SUCH_DATABASE = "3D000";

/**
 * Reads the ledger and compares it with the files; changes nothing and takes no lock.
 * What a run would refuse is in `faults`, not thrown.
 * @throws MigrationConnectionError when the server cannot be reached or refuses the login,
 *   MigrationRoleError when the login may not act as the owner.
 */
export async function inspect(
  target: MigrationTarget,
  files: MigrationFiles,
  options: PlanOptions = {},
): Promise<MigrationStatus> {
  const { database } = target;
  let session: Session;
  try {
    session = await Session.open(target);
  } catch (error) {
    if (error instanceof MigrationConnectionError && error.code === NO_SUCH_DATABASE) {
      const view = { database, rows: undefined, leftovers: [], late: {} };
      return { database, state: "no-database", rights: [], ...plan(files, view, options) };
    }
    throw error;
  }
  try {
    // Asked as the migrator: the owner may not see since when another migrator is connected.
    const holder = await findHolder(session);
    await session.becomeOwner();
    const view = { ...(await readView(session, files)), holder };
    const state = view.rows === undefined ? "no-ledger" : "ready";
    const { drift, rights } = view;
    return { database, state, holder, drift, rights, ...plan(files, view, options) };
  } finally {
    await session.close();
  }
}

/** What a run goes by. */
export interface DatabaseView extends LedgerView {
  /** What the database should consist of, where that is known, and what it does. */
  catalogue?: { expected: Catalogue; found: Catalogue };
  rights: RightsFault[];
}

/** The ledger, what an unfinished statement may have left, and what was changed by hand. */
export async function readView(session: Session, files: MigrationFiles): Promise<DatabaseView> {
  const { database } = session.target;
  const permitted = await readPermitted(session);
  const { faults: rights, governs } = await readRights(
    session,
    await rightsExceptions(files),
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
  // The design says more of a right than what the last run left.
  const drift = compare(expected, catalogue.found).filter(({ expected: was, found: is }) => {
    const { kind, name, partOf } = (was ?? is) as CatalogueObject;
    return kind !== "grant" || !governs(partOf ?? "", name);
  });
  return { database, rows, leftovers, late, rights, catalogue, drift };
}
