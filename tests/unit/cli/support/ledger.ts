import type { Ledger } from "../../../../cli/migrations/ledgers";
import type { MigrationStatus } from "../../../../migrator";

/** The ledger of a database that is in order, but for what is given; without a status it does not answer. */
export function ledgerOf(database: string, status?: Partial<MigrationStatus>): Ledger {
  const inOrder: MigrationStatus = {
    state: "ready",
    ...{ applied: [], pending: [], changed: [], missing: [], repeatables: [] },
    ...{ faults: [], rights: [], unfinished: [], drift: [] },
  } as unknown as MigrationStatus;
  return {
    urn: `urn of ${database}`,
    inputs: { database } as Ledger["inputs"],
    files: {} as Ledger["files"],
    ...(status ? { status: { ...inOrder, ...status } } : { error: "connection refused" }),
  };
}
