import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import type { DatabaseError } from "pg";

import {
  CommitUnknownError,
  type Database,
  type Queryable,
} from "../../../client/src/database/database";
import { createDatabase, type TestDatabase } from "../support/databases";
import { server } from "../support/hooks";
import { type Loss, startCommitProxy } from "./commit-proxy";
import { asOwner, connect } from "./support";

describe("The client's database", () => {
  let database: TestDatabase;
  let client: Database;
  let warnings: string[];

  before(async () => {
    database = await createDatabase();
    await asOwner(
      database,
      "create table counters (name text primary key, value integer not null);" +
        "insert into counters values ('a', 0), ('b', 0)",
    );
  });
  after(() => database.drop());
  beforeEach(async () => {
    ({ client, warnings } = connect(database));
    await client.query("update counters set value = 0");
  });
  afterEach(() => client.close());

  const add = (transaction: Queryable, name: string) =>
    transaction.query("update counters set value = value + 1 where name = $1", [name]);
  const valueOf = async (name: string) => {
    const { rows } = await database
      .pool("superuser", 1)
      .query("select value from counters where name = $1", [name]);
    return rows[0].value as number;
  };

  it("commits what the work did, and gives back its result", async () => {
    const result = await client.transaction(async (transaction) => {
      await add(transaction, "a");
      return "done";
    });
    assert.deepEqual([result, await valueOf("a")], ["done", 1]);
  });

  it("rolls back where the work throws, does it once, and keeps the connection", async () => {
    let runs = 0;
    const work = client.transaction(async (transaction) => {
      runs += 1;
      await add(transaction, "a");
      throw new Error("no");
    });
    await assert.rejects(work, /^Error: no$/);
    assert.deepEqual([runs, await valueOf("a"), client.pool.idleCount], [1, 0, 1]);
  });

  it("does not run again what the database refuses", async () => {
    let runs = 0;
    const work = client.transaction(async (transaction) => {
      runs += 1;
      await transaction.query("insert into counters values ('a', 1)");
    });
    await assert.rejects(work, (error: DatabaseError) => error.code === "23505");
    assert.equal(runs, 1);
  });

  it("runs a transaction again that lost to another one (40001)", async () => {
    const both = ["a", "a"].map((name) =>
      client.transaction(
        async (transaction) => {
          const { rows } = await transaction.query("select value from counters where name = $1", [
            name,
          ]);
          await sleep(50);
          await transaction.query("update counters set value = $2 where name = $1", [
            name,
            rows[0].value + 1,
          ]);
        },
        { isolation: "serializable" },
      ),
    );
    await Promise.all(both);
    assert.equal(await valueOf("a"), 2);
    assert.match(warnings.join("\n"), /run again in \d+ ms: could not serialize/);
  });

  it("runs a transaction again that was in a deadlock (40P01)", async () => {
    const inOrder = (first: string, second: string) =>
      client.transaction(async (transaction) => {
        await add(transaction, first);
        await sleep(50);
        await add(transaction, second);
      });
    await Promise.all([inOrder("a", "b"), inOrder("b", "a")]);
    assert.deepEqual([await valueOf("a"), await valueOf("b")], [2, 2]);
    assert.match(warnings.join("\n"), /run again in \d+ ms: deadlock detected/);
  });

  it("runs a transaction again whose connection was ended, on another one", async () => {
    const pids: number[] = [];
    await client.transaction(async (transaction) => {
      const { rows } = await transaction.query<{ pid: number }>("select pg_backend_pid() as pid");
      pids.push(rows[0].pid);
      await add(transaction, "a");
      if (pids.length === 1) {
        await database.pool("superuser", 1).query("select pg_terminate_backend($1)", [rows[0].pid]);
      }
      await add(transaction, "b");
    });
    assert.equal(new Set(pids).size, 2);
    assert.deepEqual([await valueOf("a"), await valueOf("b")], [1, 1]);
  });

  it("stays alive when the server ends its idle connections", async () => {
    await client.query("select 1");
    await database
      .pool("superuser", 1)
      .query("select pg_terminate_backend(pid) from pg_stat_activity where usename = $1", [
        `${database.prefix}_app`,
      ]);
    while (client.pool.totalCount > 0) {
      await sleep(10);
    }
    const { rows } = await client.query("select 1 as one");
    assert.equal(rows[0].one, 1);
    assert.match(warnings.join("\n"), /idle connection: terminating connection/);
  });

  describe("where the connection is lost at COMMIT", () => {
    const through = async (
      losses: Loss[],
      act: (client: Database) => Promise<void>,
      meanwhile?: () => Promise<unknown>,
    ) => {
      const proxy = await startCommitProxy(server().port, losses, meanwhile);
      const { client: proxied } = connect(database, { port: proxy.port });
      try {
        await act(proxied);
      } finally {
        await proxied.close();
        await proxy.close();
      }
    };
    const count = async (proxied: Database) => {
      let runs = 0;
      await proxied.transaction(async (transaction) => {
        runs += 1;
        await add(transaction, "a");
      });
      return runs;
    };

    it("does not run again what was committed", () =>
      through(["answer"], async (proxied) => {
        assert.deepEqual([await count(proxied), await valueOf("a")], [1, 1]);
      }));

    it("runs again what was not committed", () =>
      through(["request"], async (proxied) => {
        assert.deepEqual([await count(proxied), await valueOf("a")], [2, 1]);
      }));

    it("runs again what changed nothing", () =>
      through(["answer"], async (proxied) => {
        let runs = 0;
        const result = await proxied.transaction(async (transaction) => {
          runs += 1;
          return (await transaction.query("select 1")).rowCount;
        });
        assert.deepEqual([result, runs], [1, 2]);
      }));

    it("does not take the transaction of another one for its own, where the server has crashed since", () =>
      through(
        ["answer"],
        async (proxied) => {
          await assert.rejects(count(proxied), CommitUnknownError);
        },
        // A server that recovers from a crash starts its statistics anew, and gives ids of transactions again.
        () => database.pool("superuser").query("select pg_stat_reset_shared('bgwriter')"),
      ));

    it("says that it does not know, where the server cannot be asked", async () => {
      const proxy = await startCommitProxy(server().port, ["answer"]);
      const { client: proxied } = connect(database, { port: proxy.port });
      const work = proxied.transaction(
        async (transaction) => {
          await add(transaction, "a");
          proxy.refuseNew();
        },
        { retryForMs: 300 },
      );
      await assert.rejects(work, CommitUnknownError);
      assert.equal(await valueOf("a"), 1);
      await proxied.close();
      await proxy.close();
    });
  });

  it("gives up after the time that it may try", async () => {
    const { client: nowhere } = connect(database, { port: 1 });
    let runs = 0;
    const work = nowhere.transaction(async () => void (runs += 1), { retryForMs: 200 });
    await assert.rejects(work, /ECONNREFUSED/);
    assert.equal(runs, 0);
    await nowhere.close();
  });

  it("gives the columns that a migration adds, over connections that have kept the statement", async () => {
    await asOwner(database, "create table widening (name text); insert into widening values ('a')");
    const select = "select * from widening where name = $1";
    const read = async (on: Queryable) => (await on.query(select, ["a"])).rows[0] as object;
    // Two connections at a time, each often enough to keep the statement.
    const readOften = () =>
      Promise.all(
        [1, 2].map(() =>
          client.transaction(async (transaction) => {
            for (let run = 0; run < 10; run += 1) {
              await read(transaction);
            }
            await sleep(50);
          }),
        ),
      );
    await readOften();
    await asOwner(database, "alter table widening add size integer not null default 1");
    const widened = { name: "a", size: 1 };
    assert.deepEqual(await read(client), widened);
    await asOwner(database, "alter table widening add color text");
    const results = await Promise.all([1, 2].map(() => client.transaction(read)));
    assert.deepEqual(
      results,
      [1, 2].map(() => ({ ...widened, color: null })),
    );
    await readOften();
    assert.deepEqual(await read(client), { ...widened, color: null });
  });

  it("keeps a statement prepared that runs often, and none without values", async () => {
    const { client: one } = connect(database, { pool: { maximumPoolSize: 1 } });
    for (let run = 0; run < 7; run += 1) {
      await one.query("select $1::int + 1 as often", [run]);
      await one.query("select 2 as without_values");
    }
    await one.query("select $1::int + 3 as once", [1]);
    const { rows } = await one.query("select statement from pg_prepared_statements");
    assert.deepEqual(rows, [{ statement: "select $1::int + 1 as often" }]);
    await one.close();
  });

  it("has no more connections than the pool's size, named for the service", async () => {
    const { client: small } = connect(database, { pool: { maximumPoolSize: 3 } });
    const names = await Promise.all(
      Array.from({ length: 9 }, () =>
        small.query<{ name: string; count: string }>(
          `select current_setting('application_name') as name, pg_sleep(0.02)::text,
             (select count(*) from pg_stat_activity where usename = current_user) as count`,
        ),
      ),
    );
    assert.equal(small.pool.totalCount, 3);
    assert.deepEqual(new Set(names.map(({ rows }) => rows[0].name)), new Set(["client-test"]));
    await small.close();
  });

  it("warns of a transaction that keeps its connection, and says where it began", async () => {
    const { client: leaky, warnings: reports } = connect(database, {
      pool: { leakDetectionThresholdMs: 20 },
    });
    await leaky.transaction(() => sleep(60));
    assert.match(reports.join("\n"), /has held its connection for 20 ms[^]*database\.test\.ts/);
    await leaky.close();
  });
});
