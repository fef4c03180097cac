import { MigrationError } from "../../../migrator/errors";
import { ensureEngine } from "../../engine/install";
import { FaultError } from "../../fault";
import { type Ledger, ledgerTargets, readLedgers } from "../../migrations/ledgers";
import type { StackOptions } from "../../options";
import { whileLocked } from "../../stack/command-lock";
import { refuseUnknownStack } from "../../stack/settings";
import { openStack } from "../../stack/stack";
import { readResources } from "../../stack/state";

/** A ledger of a database that answers. */
export type AnsweringLedger = Ledger & Required<Pick<Ledger, "status">>;

/**
 * Reads the ledger of one database, or of all.
 * @throws FaultError where the stack has no such database
 */
export async function readLedgersOf(
  { stack, offline }: StackOptions,
  database?: string,
): Promise<Ledger[]> {
  refuseUnknownStack(stack);
  // Standard output may be JSON.
  await ensureEngine(offline, (line) => console.error(line));
  const targets = ledgerTargets(await readResources(await openStack(stack)));
  const wanted = targets.filter(({ inputs }) => [undefined, inputs.database].includes(database));
  if (wanted.length === 0) {
    const known = targets.map(({ inputs }) => inputs.database).join(", ") || "none yet; run up";
    throw new FaultError([`Stack ${stack} has no database ${database ?? ""}. It has: ${known}.`]);
  }
  return readLedgers(wanted);
}

/**
 * Corrects the ledger of one database while no other command changes the stack.
 * @throws FaultError where the migrator refuses that
 */
export const withLedger = (
  options: StackOptions,
  database: string,
  correct: (ledger: AnsweringLedger) => Promise<void>,
): Promise<void> =>
  whileLocked({ stack: options.stack, command: "migrations" }, async () => {
    const [ledger] = await readLedgersOf(options, database);
    const { status, error } = ledger;
    if (status === undefined) {
      throw new FaultError([error ?? `The database ${database} does not answer.`]);
    }
    try {
      await correct({ ...ledger, status });
    } catch (error) {
      throw error instanceof MigrationError ? new FaultError([error.message]) : error;
    }
  });
