import { formatDrift, formatRightsFault } from "../../migrator";
import type { Plan } from "../plan/plan";
import { table } from "../terminal/table";
import type { Ledger } from "./ledgers";

const HEAD = ["ledger of", "state", "applied", "pending", "changed", "missing", "again", "by hand"];

/** One row per ledger: what it has, what would run, and what is wrong. */
export function ledgerTable(ledgers: Ledger[]): string[] {
  return table(HEAD, ledgers.map(ledgerRow));
}

/** The table below a preview: the ledger where the database answers; every file where there is no database yet. */
export function plannedLedgerTable(plan: Plan, ledgers: Ledger[]): string[] {
  const rows = plannedLedgerRows(plan, ledgers);
  return rows.length > 0 ? table(HEAD, rows) : [];
}

/** The rows of that table, in the order of its head: the database first, the number of changes by hand last. */
export const plannedLedgerRows = ({ migrations }: Plan, ledgers: Ledger[]): string[][] =>
  migrations.map(({ database, versioned, repeatable }) => {
    const ledger = ledgers.find(({ inputs }) => inputs.database === database);
    return ledger
      ? ledgerRow(ledger)
      : [database, NOT_CREATED, "0", `all ${versioned}`, "0", "0", `all ${repeatable}`, "0"];
  });

const NOT_CREATED = "not created";
const STATES = { "no-database": NOT_CREATED, "no-ledger": "no ledger yet", ready: "ready" };

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

/** One line per object that was changed by hand, and per database that does not answer. */
export function ledgerNotes(ledgers: Ledger[]): string[] {
  return ledgers.flatMap(({ inputs, status, error }) => [
    ...(error === undefined ? [] : [`${inputs.database}: ${error}`]),
    ...(status?.drift ?? []).map((drift) => `${inputs.database}: ${formatDrift(drift)}`),
    ...(status?.rights ?? []).map((fault) => `${inputs.database}: ${formatRightsFault(fault)}`),
  ]);
}
