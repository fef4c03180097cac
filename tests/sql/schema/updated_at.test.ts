import assert from "node:assert/strict";

import { asRole, createDatabase, type DatabaseName, type TestDatabase } from "../support/databases";
import { add, change, find, type Row } from "./rows";

const LONG_AGO = "2020-01-01T00:00:00Z";

const CASES: [database: DatabaseName, table: string, same: string, changed: Row][] = [
  ["user_service_db", "user_preferences", "preference_value", { preference_value: "light" }],
  ["user_service_db", "users", "first_name", { first_name: "Grace" }],
  ["agent_orchestrator_db", "agent_configurations", "version", { configuration: { depth: 2 } }],
  ["content_service_db", "generated_content", "title", { title: "Decimals" }],
  ["payment_service_db", "subscriptions", "plan_type", { cancel_at_period_end: true }],
  ["payment_service_db", "payment_methods", "type", { brand: "visa" }],
  ["payment_service_db", "payment_transactions", "status", { metadata: { retry: 1 } }],
  ["payment_service_db", "invoices", "status", { status: "OPEN" }],
  ["payment_service_db", "billing_addresses", "city", { line2: "Flat 2" }],
];

describe("updated_at", function () {
  this.timeout(30_000);

  const databases = new Map<DatabaseName, TestDatabase>();

  before(async () => {
    for (const name of new Set(CASES.map(([database]) => database))) {
      databases.set(name, await createDatabase(name));
    }
  });
  after(async () => {
    for (const database of databases.values()) {
      await database.drop();
    }
  });

  for (const [name, table, same, changed] of CASES) {
    it(`of ${table} changes with the row and stays if nothing changes`, () =>
      asRole(databases.get(name) as TestDatabase, "app", async (client) => {
        const parent = table === "user_preferences" && (await add(client, "users"));
        const { id } = await add(client, table, {
          ...(parent && { user_id: parent.id }),
          updated_at: LONG_AGO,
        });

        await client.query(`update ${table} set ${same} = ${same} where id = $1`, [id]);
        const untouched = await find(client, table, id);
        assert.deepEqual(untouched?.updated_at, new Date(LONG_AGO));

        const before = Date.now();
        const { updated_at: first } = await change(client, table, id, changed);
        assert.ok(Math.abs(first.getTime() - before) < 60_000, `${first.toISOString()} is not now`);

        // An ORM writes every column back, including the old time.
        const { updated_at: second } = await change(client, table, id, { updated_at: LONG_AGO });
        assert.ok(second >= first, "the time went back");
      }));
  }

  // Each database has its own copy of the function.
  for (const [name, table] of new Map(CASES.map(([database, table]) => [database, table]))) {
    it(`of ${table} is not set back by a transaction that began earlier`, async () => {
      const pool = (databases.get(name) as TestDatabase).pool("app");
      const { id } = await add(pool, table);
      const early = await pool.connect();
      try {
        await early.query("begin");
        await early.query("select now()");
        const { updated_at: theirs } = await change(pool, table, id, { updated_at: LONG_AGO });
        const { updated_at: ours } = await change(early, table, id, { updated_at: LONG_AGO });
        await early.query("commit");
        assert.ok(ours >= theirs, `${ours.toISOString()} < ${theirs.toISOString()}`);
      } finally {
        early.release();
      }
    });
  }
});
