import assert from "node:assert/strict";

import type { PoolClient } from "pg";

import { asRole, createDatabase, type TestDatabase } from "../support/databases";
import { add, find, type Row } from "./rows";

describe("an account's email", function () {
  this.timeout(30_000);

  let database: TestDatabase;

  before(async () => {
    database = await createDatabase("user_service_db");
  });
  after(() => database.drop());

  /** A test in a transaction of the service's role, which is rolled back. */
  const asService = (act: (client: PoolClient) => Promise<void>) => () =>
    asRole(database, "app", act);

  const register = (client: PoolClient, email: string, conflict: string) =>
    client.query<Row>(
      `insert into users (email, password_hash, first_name, last_name)
       values ($1, 'hash', 'Grace', 'Hopper') ${conflict} returning id`,
      [email],
    );

  it(
    "keeps its spelling, and is found by that or by any other spelling",
    asService(async (client) => {
      const { id, email } = await add(client, "users", { email: "Zoë@Example.com" });
      assert.equal(email, "Zoë@Example.com");
      for (const [condition, value, count] of [
        ["email = $1", "Zoë@Example.com", 1],
        ["email = $1", "zoë@example.com", 0],
        ["lower(email) = lower($1)", "ZOË@example.COM", 1],
      ] as const) {
        const { rows } = await client.query<Row>(`select id from users where ${condition}`, [
          value,
        ]);
        assert.deepEqual(rows, count ? [{ id }] : [], condition);
      }
    }),
  );

  it(
    "conflicts with itself in on conflict (email), which updates or skips it",
    asService(async (client) => {
      const { id } = await add(client, "users", { email: "ann@example.com" });
      const same = "on conflict (email) do update set first_name = excluded.first_name";
      assert.deepEqual((await register(client, "ann@example.com", same)).rows, [{ id }]);
      assert.equal((await find(client, "users", id))?.first_name, "Grace");
      const left = await register(client, "ann@example.com", "on conflict (email) do nothing");
      assert.equal(left.rowCount, 0);
    }),
  );

  it(
    "is rejected in another spelling, whatever column the conflict names",
    asService(async (client) => {
      await add(client, "users", { email: "ann@example.com" });
      const any = await register(client, "ANN@example.com", "on conflict do nothing");
      assert.equal(any.rowCount, 0);
      await assert.rejects(register(client, "ANN@example.com", "on conflict (email) do nothing"), {
        code: "23505",
        constraint: "users_email_lower_key",
      });
    }),
  );
});
