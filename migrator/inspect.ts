import { LockHolder, MigrationConnectionError } from "./errors";
import { MigrationFiles } from "./files";
import { readLedger, readLeftovers } from "./ledger";
import { findHolder } from "./lock";
import { LedgerView, Plan, plan, PlanOptions } from "./plan";
import { MigrationTarget, Session } from "./session";

/**
 * The ledger's view of one database. In the first two states every file is pending.
 * Pending and repeatable files carry their text: pick names and hashes before storing or printing it.
 */
export interface MigrationStatus extends Plan {
  database: string;
  state: "no-database" | "no-ledger" | "ready";
  /** Who is migrating the database at this moment. */
  holder?: LockHolder;
}

const NO_SUCH_DATABASE = "3D000";

/**
 * Reads the ledger and compares it with the files; changes nothing and takes no lock.
 * What a run would refuse is in `faults`, not thrown.
 * @throws MigrationConnectionError when the server cannot be reached or refuses the login.
 */
export async function inspect(
  target: MigrationTarget,
  files: MigrationFiles,
  options: PlanOptions = {},
): Promise<MigrationStatus> {
  const { database, owner } = target;
  let session: Session;
  try {
    session = await Session.open(target);
  } catch (error) {
    if (error instanceof MigrationConnectionError && error.code === NO_SUCH_DATABASE) {
      const view = { rows: undefined, leftovers: [] };
      return { database, state: "no-database", ...plan(files, view, owner, options) };
    }
    throw error;
  }
  try {
    // Asked as the migrator: the owner may not see since when another migrator is connected.
    const holder = await findHolder(session);
    await session.becomeOwner();
    const view = { ...(await readView(session)), holder };
    const state = view.rows === undefined ? "no-ledger" : "ready";
    return { database, state, holder, ...plan(files, view, owner, options) };
  } finally {
    await session.close();
  }
}

/** Ledger and, where a statement did not come to its end, what it may have left. */
export async function readView(session: Session): Promise<LedgerView> {
  const rows = await readLedger(session);
  const unfinished = rows?.some(({ finishedAt }) => finishedAt === null) ?? false;
  return { rows, leftovers: unfinished ? await readLeftovers(session) : [] };
}
