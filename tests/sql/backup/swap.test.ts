import assert from "node:assert/strict";

import { Client } from "pg";
import { parse } from "yaml";

import { hasRows, readFacts } from "../../../cli/backup/content/facts";
import {
  dropDatabase,
  keptDatabases,
  noteBackup,
  oldName,
  swapDatabases,
} from "../../../cli/backup/content/new-database";
import {
  asAdministrator,
  type PostgresAdministrator,
} from "../../../components/postgres/postgres-client";
import { postgresQueries } from "../../../monitoring/postgres-queries";
import { createDatabase, type TestDatabase } from "../support/databases";
import { server } from "../support/hooks";

const administrator = (): PostgresAdministrator => ({
  ...{ host: server().host, port: server().port },
  ...{ adminUsername: server().user, adminPassword: server().password },
});
const ADD_USER =
  "insert into users (email, password_hash, first_name, last_name) values ($1, 'x', 'A', 'B')";

describe("A database that takes the place of another", () => {
  let present: TestDatabase;
  let coming: TestDatabase;
  const kept = () => oldName(present.name, new Date("2026-11-27T11:53:00Z"));

  beforeEach(async () => {
    [present, coming] = await Promise.all([
      createDatabase("user_service_db"),
      createDatabase("user_service_db"),
    ]);
    await asAdministrator(
      administrator(),
      (client) => client.query(ADD_USER, ["a@example.org"]),
      coming.name,
    );
  });
  afterEach(async () => {
    await present.drop();
    // Whichever of the two names is still there.
    await dropDatabase(administrator(), kept());
    await dropDatabase(administrator(), coming.name);
  });

  const emailsOf = async () => {
    const client = new Client(present.connection("app"));
    await client.connect();
    try {
      const { rows } = await client.query<{ email: string }>("select email from users");
      return rows.map(({ email }) => email);
    } finally {
      await client.end();
    }
  };
  const swap = (from: string) =>
    swapDatabases(administrator(), [{ database: present.name, from, to: kept() }]);

  it("has its name at once, although clients connect all the time", async () => {
    let isOver = false;
    const steady = new Client(present.connection("app"));
    steady.on("error", () => undefined);
    await steady.connect();
    const clients = Array.from({ length: 4 }, async () => {
      while (!isOver) {
        const client = new Client(present.connection("app"));
        client.on("error", () => undefined);
        try {
          await client.connect();
          await client.query("select pg_sleep(0.05)");
        } catch {
          // It is ended, and connects again.
        } finally {
          await client.end().catch(() => undefined);
        }
      }
    });
    await swap(coming.name);
    isOver = true;
    await Promise.all(clients);
    await assert.rejects(steady.query("select 1"), "its session was on the present one");
    assert.deepEqual(await emailsOf(), ["a@example.org"]);
    assert.deepEqual(await keptDatabases(administrator(), present.name), [kept()]);
  });

  it("changes no name where one of several cannot be changed", async () => {
    await assert.rejects(
      swapDatabases(administrator(), [
        { database: present.name, from: coming.name, to: kept() },
        { database: "no_such_db", from: "nor_this_db", to: "x" },
      ]),
      /no_such_db/,
    );
    assert.deepEqual(await emailsOf(), []);
    assert.deepEqual(await keptDatabases(administrator(), present.name), []);
  });

  it("is told from the present one by its rows", async () => {
    const factsOf = async (database: TestDatabase) => {
      const client = new Client(database.connection("superuser"));
      await client.connect();
      try {
        return await readFacts(client);
      } finally {
        await client.end();
      }
    };
    const [empty, filled] = [await factsOf(present), await factsOf(coming)];
    assert.equal(empty.tables["public.users"].rows, 0);
    assert.equal(filled.tables["public.users"].rows, 1);
    assert.notEqual(filled.tables["public.users"].digest, "0");
    assert.deepEqual(empty.objects, filled.objects);
    assert.ok(empty.objects.triggers >= 2 && empty.objects.functions >= 1);
    assert.ok("0001_create_users.sql" in empty.ledger);

    const owner = `${present.prefix}_owner`;
    assert.equal(await hasRows(administrator(), { database: present.name, owner }), false);
    assert.equal(await hasRows(administrator(), { database: coming.name, owner }), true);
  });

  it("tells the monitoring how old its last good backup is", async () => {
    const queries = parse(
      postgresQueries({ backups: { everyHours: 24, databases: [present.name] } }),
    ) as Record<string, { query: string }>;
    const age = () =>
      asAdministrator(administrator(), async (client) => {
        const { rows } = await client.query<{ database: string; age_seconds: string }>(
          queries.platform_postgres_backup.query,
        );
        assert.deepEqual(
          rows.map(({ database }) => database),
          [present.name],
        );
        return Number(rows[0].age_seconds);
      });
    const sinceStart = await age();
    assert.ok(sinceStart >= 0 && sinceStart < 86_400, "since the server started");
    const at = new Date(Date.now() - 7_200_000).toISOString();
    await noteBackup(administrator(), present.name, at);
    const noted = await age();
    assert.ok(noted >= 7_200 && noted < 7_800, `${noted}`);
    // What somebody else writes there is no time.
    await asAdministrator(administrator(), (client) =>
      client.query(`comment on database ${present.name} is 'Last good backup: yesterday'`),
    );
    assert.ok((await age()) < 86_400);
  });
});
