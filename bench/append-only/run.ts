/**
 * Prints what the ways to keep an append-only table cost, on tables shaped like agent_performance_logs,
 * user_sessions and content_analytics; asserts nothing. docs/decisions holds what followed from it.
 */
import { Client } from "pg";

import { createDatabase } from "../../tests/sql/support/databases";
import { withServer } from "../../tests/sql/support/hooks";
import { measureCovering } from "./covering";
import { HOT_TABLES, measureFillfactor } from "./fillfactor";
import { measureRetention, VARIANTS } from "./retention";

/** What the platform's container has with its default memory limit, and a patient checkpointer. */
const SERVER = { shared_buffers: "128MB", max_wal_size: "4GB", maintenance_work_mem: "64MB" };

async function main(): Promise<void> {
  const database = await createDatabase();
  const client = new Client(database.connection("superuser"));
  await client.connect();
  try {
    await client.query("set max_parallel_workers_per_gather = 0; set synchronous_commit = on");
    for (const variant of VARIANTS) {
      await measureRetention(client, variant);
    }
    await measureCovering(client);
    for (const table of HOT_TABLES) {
      await measureFillfactor(client, table);
    }
  } finally {
    await client.end();
    await database.drop();
  }
}

withServer(SERVER, main).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
