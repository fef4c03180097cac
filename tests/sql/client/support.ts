import { DATABASE_POOL, PREPARE_THRESHOLD } from "../../../catalog/client-settings";
import { Database } from "../../../client/src/database/database";
import type { TestDatabase } from "../support/databases";
import { server } from "../support/hooks";

/** Settings of the pool that a test changes; the rest is the catalogue's. */
export type PoolChanges = Partial<Record<keyof typeof DATABASE_POOL, number>>;

/** The client's database of a service, on a test's database. `warnings` gets what it reports. */
export function connect(
  database: TestDatabase,
  { pool = {}, port = server().port }: { pool?: PoolChanges; port?: number } = {},
) {
  const warnings: string[] = [];
  const { host, password } = server();
  const username = `${database.prefix}_app`;
  const client = new Database(
    {
      ...{ host, port, username, password, name: database.name },
      url: `postgresql://${host}:${port}/${database.name}`,
      jdbcUrl: "unused",
      prepareThreshold: PREPARE_THRESHOLD,
      pool: { ...DATABASE_POOL, ...pool },
    },
    {
      applicationName: "client-test",
      log: { warn: (message) => void warnings.push(message) },
    },
  );
  return { client, warnings };
}

/** Runs statements as the owner of the database's objects. */
export async function asOwner(database: TestDatabase, sql: string): Promise<void> {
  await database
    .pool("superuser", 1)
    .query(`begin; set local role ${database.prefix}_owner; ${sql}; commit`);
}
