import { type Catalogue, readCatalogue } from "./catalogue";
import { compare, type Drift } from "./drift";
import { LockHolder, MigrationConnectionError } from "./errors";
import { MigrationFiles } from "./files";
import { readLedger, readLeftovers } from "./ledger";
import { findHolder } from "./lock";
import { LedgerView, Plan, plan, PlanOptions } from "./plan";
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
      const view = { database, rows: undefined, leftovers: [] };
      return { database, state: "no-database", ...plan(files, view, options) };
    }
    throw error;
  }
  try {
    // Asked as the migrator: the owner may not see since when another migrator is connected.
    const holder = await findHolder(session);
    await session.becomeOwner();
    const view = { ...(await readView(session)), holder };
    const state = view.rows === undefined ? "no-ledger" : "ready";
    return { database, state, holder, drift: view.drift, ...plan(files, view, options) };
  } finally {
    await session.close();
  }
}

/** What a run goes by. */
export interface DatabaseView extends LedgerView {
  /** What the database should consist of, where that is known, and what it does. */
  catalogue?: { expected: Catalogue; found: Catalogue };
}

/** The ledger, what an unfinished statement may have left, and what was changed by hand. */
export async function readView(session: Session): Promise<DatabaseView> {
  const { database } = session.target;
  const rows = await readLedger(session);
  if (rows === undefined) {
    return { database, rows, leftovers: [] };
  }
  const unfinished = rows.some(({ finishedAt }) => finishedAt === null);
  const leftovers = unfinished ? await readLeftovers(session) : [];
  const expected = await readExpected(session);
  if (expected === undefined) {
    return { database, rows, leftovers };
  }
  const catalogue = { expected, found: await readCatalogue(session) };
  return { database, rows, leftovers, catalogue, drift: compare(expected, catalogue.found) };
}
