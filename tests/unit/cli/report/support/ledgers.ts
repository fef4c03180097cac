import type { Ledger } from "../../../../../cli/migrations/ledgers";
import type { MigrationStatus } from "../../../../../migrator";
import { TYPES } from "../../../support/mocks";
import { metadata } from "../../support/events";

const IN_ORDER: Omit<MigrationStatus, "database"> = {
  state: "ready",
  applied: [{ name: "0001_a.sql", checksum: "a", finishedAt: "", durationMs: 1 }],
  ...{ pending: [], repeatables: [], changed: [], missing: [], outOfOrder: [], unfinished: [] },
  ...{ faults: [], drift: [], rights: [], renamed: [] },
};

/** A ledger that is in order but for this; without a status, it does not answer. */
export const ledger = (
  database: string,
  status?: Partial<MigrationStatus>,
  error?: string,
): Ledger => ({
  urn: metadata({ op: "same", type: TYPES.migrations, name: `${database}-migrations` }).urn,
  inputs: { database } as Ledger["inputs"],
  files: { versioned: [], repeatable: [] },
  status: status && { ...IN_ORDER, database, ...status },
  error,
});
