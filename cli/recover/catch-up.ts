/** Brings the archive up to this moment, while the server still runs. */
import { setTimeout as sleep } from "node:timers/promises";

import { FaultError } from "../fault";
import { type RecoveryServers, sql } from "./servers";

const PATIENCE_MS = 120_000;

/**
 * PostgreSQL ends a recovery only at a transaction that is later than the moment. So a transaction is written and its file of
 * WAL closed, and this waits until the archive has it.
 */
export async function archiveUpToNow(
  { postgres, superuser }: RecoveryServers,
  say: (line: string) => void,
): Promise<void> {
  const written = await sql(
    postgres,
    "select pg_logical_emit_message(true, 'recover', 'now'); select pg_walfile_name(pg_switch_wal());",
    superuser,
  );
  if (written === undefined) {
    say("PostgreSQL does not answer: what it did not archive before is not in the archive.");
    return;
  }
  const file = written.split("\n").at(-1)!;
  say(`Waiting until the archive has ${file} ...`);
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await sleep(500)) {
    const archived = await sql(
      postgres,
      // Not .history and .backup, whose names are longer.
      `select coalesce(substr(last_archived_wal, 1, 24) >= '${file}', false) from pg_stat_archiver`,
      superuser,
    );
    if (archived === "t") {
      return;
    }
  }
  throw new FaultError([
    `The archive does not get ${file}: npm run logs -- wal-archiver says why. Nothing was changed.`,
  ]);
}
