import { readFileSync } from "node:fs";
import { join } from "node:path";

import { ROOT } from "../../cli/paths";
import type { Outputs } from "../e2e/support/clients";
import { asOwner } from "../e2e/support/owner";

/** The tables of the outbox's example by the prefix of the database that has each. */
const TABLES = [
  ["user_service", "event_outbox"],
  ["agent_orchestrator", "event_inbox"],
] as const;

/** Creates what the services of the drill need besides the platform's own tables. */
export async function createTables(outputs: Outputs): Promise<void> {
  for (const [prefix, table] of TABLES) {
    const file = join(ROOT, "examples", "outbox", "sql", `create_${table}.sql`);
    await asOwner(outputs, prefix, readFileSync(file, "utf8"));
  }
}
