import { type SchemaMigrationsInputs, targetOf } from "../../components/postgres/migration-inputs";
import {
  inspect,
  lacksSnapshot,
  MigrationConnectionError,
  type MigrationFiles,
  MigrationFilesError,
  MigrationRoleError,
  type MigrationStatus,
  readMigrations,
} from "../../migrator";
import { leavesUnchanged, type Plan } from "../plan/plan";
import { TYPES } from "../resource-types";
import type { StackResource } from "../stack/state";

/** The migrations of one database as the stack's state has them. */
export interface LedgerTarget {
  urn: string;
  inputs: SchemaMigrationsInputs;
}

/** What a database's ledger says at this moment, or why it says nothing. */
export interface Ledger extends LedgerTarget {
  files: MigrationFiles;
  status?: MigrationStatus;
  /** Why the database did not answer. */
  error?: string;
}

/** Where the stack's databases are migrated, in order of their names; none where it was never updated. */
export function ledgerTargets(resources: readonly StackResource[]): LedgerTarget[] {
  return resources
    .filter(({ type }) => type === TYPES.migrations)
    .map(({ urn, inputs }) => ({ urn, inputs: inputs as unknown as SchemaMigrationsInputs }))
    .sort((a, b) => a.inputs.database.localeCompare(b.inputs.database));
}

/**
 * Asks each database. One that does not answer is no error.
 * @throws MigrationFilesError where the files alone show a fault
 */
export function readLedgers(targets: LedgerTarget[]): Promise<Ledger[]> {
  return Promise.all(
    targets.map(async (target): Promise<Ledger> => {
      const files = readMigrations(target.inputs.directory);
      try {
        const status = await inspect(targetOf(target.inputs), files, target.inputs);
        return { ...target, files, status };
      } catch (error) {
        if (error instanceof MigrationConnectionError || error instanceof MigrationRoleError) {
          return { ...target, files, error: error.message };
        }
        throw error;
      }
    }),
  );
}

/** The ledgers of a stack; none where the files have faults, which the program reports. */
export async function readStackLedgers(resources: readonly StackResource[]): Promise<Ledger[]> {
  try {
    return await readLedgers(ledgerTargets(resources));
  } catch (error) {
    if (error instanceof MigrationFilesError) {
      return [];
    }
    throw error;
  }
}

/**
 * Ledgers with files to run although the state says that they ran: somebody changed by hand what the files create, or
 * restored an older database. Also ledgers with rights that an update restores, and those without a snapshot, which an
 * update takes.
 */
export const ledgersBehind = (plan: Plan, ledgers: Ledger[]): Ledger[] =>
  ledgers.filter(
    ({ urn, status }) =>
      status !== undefined &&
      status.state !== "no-database" &&
      (status.pending.length + status.repeatables.length + status.rights.length > 0 ||
        lacksSnapshot(status)) &&
      leavesUnchanged(plan, urn),
  );

/** Whether there is nothing that a person should know before an update. */
export const isInOrder = ({ status }: Ledger): boolean =>
  status !== undefined &&
  !lacksSnapshot(status) &&
  [status.pending, status.repeatables, status.faults, status.drift ?? [], status.rights].every(
    (list) => list.length === 0,
  );
