import { type SchemaMigrationsInputs, targetOf } from "../../components/postgres/migration-inputs";
import {
  formatDrift,
  formatRightsFault,
  inspect,
  MigrationConnectionError,
  type MigrationFiles,
  MigrationRoleError,
  type MigrationStatus,
  readMigrations,
} from "../../migrator";
import { isChange, type Plan, stepsOfMigrations, TYPES } from "../plan/plan";
import type { KnownResource } from "../stack/state";
import { table } from "../terminal/access-points";

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
export function ledgerTargets(resources: readonly KnownResource[]): LedgerTarget[] {
  return resources
    .filter(({ type }) => type === TYPES.migrations)
    .map(({ urn, inputs }) => ({ urn, inputs: inputs as unknown as SchemaMigrationsInputs }))
    .sort((a, b) => a.inputs.database.localeCompare(b.inputs.database));
}

/**
 * Asks each database; one that does not answer is no error.
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

/**
 * Ledgers with files to run that the stack takes to have run: what they make was changed by hand, or the database
 * is an older one, as after a restore. So are those with rights that an update restores.
 */
export const ledgersBehind = (plan: Plan, ledgers: Ledger[]): Ledger[] =>
  ledgers.filter(
    ({ urn, status }) =>
      status !== undefined &&
      status.state !== "no-database" &&
      status.pending.length + status.repeatables.length + status.rights.length > 0 &&
      plan.steps.some((step) => step.urn === urn && !isChange(step)),
  );

/** Whether there is anything that a person should know before an update. */
export const isInOrder = ({ status }: Ledger): boolean =>
  status !== undefined &&
  [status.pending, status.repeatables, status.faults, status.drift ?? [], status.rights].every(
    (list) => list.length === 0,
  );

const HEAD = ["ledger of", "state", "applied", "pending", "changed", "missing", "again", "by hand"];

/** A row a ledger: what it has, what would run, and what is at fault. */
export function ledgerTable(ledgers: Ledger[]): string[] {
  return table(HEAD, ledgers.map(ledgerRow));
}

/**
 * The table below a preview: the ledger's view where the database answers, and where there is no database yet,
 * every file.
 */
export function plannedLedgerTable(plan: Plan, ledgers: Ledger[]): string[] {
  const rows = stepsOfMigrations(plan).map(({ database, versioned, repeatable }) => {
    const ledger = ledgers.find(({ inputs }) => inputs.database === database);
    return ledger
      ? ledgerRow(ledger)
      : [database, "not made yet", "0", `all ${versioned}`, "0", "0", `all ${repeatable}`, "0"];
  });
  return rows.length > 0 ? table(HEAD, rows) : [];
}

const STATES = { "no-database": "not made yet", "no-ledger": "no ledger yet", ready: "ready" };

function ledgerRow({ inputs, status }: Ledger): string[] {
  if (status === undefined) {
    return [inputs.database, "no answer", "?", "?", "?", "?", "?", "?"];
  }
  const { applied, pending, changed, missing, repeatables, drift, rights, unfinished, holder } =
    status;
  const byHand = drift === undefined ? "unknown" : String(drift.length + rights.length);
  const state =
    holder !== undefined
      ? "being migrated"
      : unfinished.length > 0
        ? "unfinished"
        : STATES[status.state];
  const all = status.state === "ready" ? "" : "all ";
  return [
    inputs.database,
    state,
    String(applied.length),
    `${all}${pending.length}`,
    String(changed.length),
    String(missing.length),
    `${all}${repeatables.length}`,
    status.state === "ready" ? byHand : String(rights.length),
  ];
}

/** A line for each object that was changed by hand, and for each database that does not answer. */
export function ledgerNotes(ledgers: Ledger[]): string[] {
  return ledgers.flatMap(({ inputs, status, error }) => [
    ...(error === undefined ? [] : [`${inputs.database}: ${error}`]),
    ...(status?.drift ?? []).map((drift) => `${inputs.database}: ${formatDrift(drift)}`),
    ...(status?.rights ?? []).map((fault) => `${inputs.database}: ${formatRightsFault(fault)}`),
  ]);
}
