import assert from "node:assert/strict";

import { asRole, createDatabase, type TestDatabase } from "./databases";
import { server } from "./hooks";

describe("the SQL test harness", function () {
  this.timeout(30_000);

  let database: TestDatabase;

  before(async () => {
    database = await createDatabase();
  });
  after(() => database.drop());

  it("runs PostgreSQL 16 on the loopback address only", async () => {
    const { rows } = await database
      .pool("superuser")
      .query("select current_setting('server_version_num')::int / 10000 as major");
    assert.equal(rows[0].major, 16);
    assert.equal(server().host, "127.0.0.1");
  });

  it("lets the application role change rows but create nothing", async () => {
    await asRole(database, "superuser", async (client) => {
      await client.query("set local role user_service_owner");
      await client.query("create table public.probe (id integer)");
      await client.query("reset role");
      const { rows } = await client.query(
        `select privilege_type from information_schema.table_privileges
         where table_name = 'probe' and grantee = 'user_service_app' order by 1`,
      );
      assert.deepEqual(
        rows.map((row) => row.privilege_type),
        ["DELETE", "INSERT", "SELECT", "UPDATE"],
      );
    });
    await asRole(database, "app", (client) =>
      assert.rejects(client.query("create table public.mine ()"), { code: "42501" }),
    );
  });

  it("rolls back everything that a test did as a role", async () => {
    await asRole(database, "superuser", (client) => client.query("create table left_over ()"));
    const { rows } = await database
      .pool("superuser")
      .query("select to_regclass('left_over') as found");
    assert.equal(rows[0].found, null);
  });
});
