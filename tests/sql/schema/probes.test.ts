import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";

import type { PoolClient } from "pg";

import type { Finding } from "../../../cli/verify/finding";
import { judgeRoutines, parseProbes, probesFile, runProbes } from "../../../cli/verify/routines";
import { inspectObjects, readMigrations } from "../../../migrator";
import {
  createDatabase,
  type DatabaseName,
  DATABASES,
  SQL_ROOT,
  type TestDatabase,
} from "../support/databases";

const folderOf = (name: DatabaseName) => path.join(SQL_ROOT, name);

const probesOf = (name: DatabaseName) =>
  parseProbes(readFileSync(probesFile(folderOf(name)), "utf8"));

async function catalogueOf(name: DatabaseName, database: TestDatabase) {
  const { host, port, user, password } = database.connection("migrator");
  const target = {
    ...{ host: String(host), port: Number(port), user: String(user), password: String(password) },
    ...{ database: database.name, owner: `${database.prefix}_owner` },
  };
  return (await inspectObjects(target, readMigrations(folderOf(name)))).catalogue;
}

async function withClient<T>(
  database: TestDatabase,
  role: "app" | "superuser",
  act: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const client = await database.pool(role).connect();
  try {
    return await act(client);
  } finally {
    client.release();
  }
}

async function findings(name: DatabaseName, database: TestDatabase): Promise<Finding[]> {
  const outcomes = await withClient(database, "app", (client) =>
    runProbes((sql) => client.query(sql), probesOf(name)),
  );
  return judgeRoutines(name, "probes", await catalogueOf(name, database), outcomes);
}

/** Whatever a probe may leave: rows of each table, and how far each sequence is. */
const leftIn = (database: TestDatabase) =>
  withClient(database, "superuser", async (client) => {
    const { rows: tables } = await client.query<{ name: string }>(
      "select quote_ident(tablename) as name from pg_tables where schemaname = 'public' order by 1",
    );
    const counts: [string, string][] = [];
    for (const { name } of tables) {
      const { rows } = await client.query<{ count: string }>(`select count(*) from ${name}`);
      counts.push([name, rows[0].count]);
    }
    const { rows } = await client.query("select sequencename, last_value from pg_sequences");
    return { counts, sequences: rows as object[] };
  });

describe("the probes of functions and triggers", function () {
  this.timeout(60_000);

  for (const name of DATABASES) {
    describe(`of ${name}`, () => {
      let database: TestDatabase;
      let triggers: { title: string; table: string; trigger: string }[];
      let functions: { title: string; replacement: string }[];

      before(async () => {
        database = await createDatabase(name);
        await withClient(database, "superuser", async (client) => {
          ({ rows: triggers } = await client.query<(typeof triggers)[number]>(
            `select format('trigger %s on %s', tgname, relname) as title, relname as table, tgname as trigger
             from pg_trigger join pg_class on pg_class.oid = tgrelid where not tgisinternal`,
          ));
          ({ rows: functions } = await client.query<(typeof functions)[number]>(
            `select format('function %s(%s)', proname, pg_get_function_identity_arguments(oid)) as title,
               format('create or replace function %s(%s) returns %s language plpgsql as %L', proname,
                 pg_get_function_arguments(oid), pg_get_function_result(oid),
                 case when prorettype = 'void'::regtype then 'begin end' else 'begin return null; end' end
               ) as replacement
             from pg_proc where pronamespace = 'public'::regnamespace and prorettype <> 'trigger'::regtype`,
          ));
        });
      });
      after(() => database.drop());

      const verdictOf = async (title: string) =>
        (await findings(name, database)).find(({ what }) => what === `${name}: ${title}`)?.verdict;

      it("cover everything that migrations create, and find it right", async () => {
        const found = await findings(name, database);
        assert.ok(found.length >= triggers.length + functions.length);
        assert.deepStrictEqual(
          found.filter(({ verdict }) => verdict !== "right"),
          [],
        );
      });

      it("leave no row, and no sequence further than it was", async () => {
        const before = await leftIn(database);
        await findings(name, database);
        assert.deepStrictEqual(await leftIn(database), before);
      });

      it("find each trigger wrong that does not fire, and its function", async () => {
        for (const { title, table, trigger } of triggers) {
          const set = (state: string) =>
            withClient(database, "superuser", (client) =>
              client.query(`alter table ${table} ${state} trigger ${trigger}`),
            );
          await set("disable");
          assert.strictEqual(await verdictOf(title), "wrong", title);
          await set("enable");
        }
      });

      it("find each function wrong that does nothing", async () => {
        for (const { title, replacement } of functions) {
          const changed = await createDatabase(name);
          try {
            await withClient(changed, "superuser", (client) => client.query(replacement));
            const outcomes = await withClient(changed, "app", (client) =>
              runProbes((sql) => client.query(sql), probesOf(name)),
            );
            assert.strictEqual(outcomes.get(title)?.verdict, "wrong", title);
          } finally {
            await changed.drop();
          }
        }
      });
    });
  }
});
