import assert from "node:assert/strict";

import type { ClientBase } from "pg";

import { add, type Row } from "../schema/rows";
import { asRole, createDatabase, DATABASES, type TestDatabase } from "../support/databases";
import { UPKEEP, type UpkeepFunction } from "./upkeep";

type Parent = UpkeepFunction["parent"];

/** Adds the row that the upkeep's rows reference, and the rows that it references itself. */
async function addParent(client: ClientBase, parent: Parent): Promise<Row> {
  if (!parent) {
    return {};
  }
  const above = await addParent(client, parent.parent);
  return { [parent.reference]: (await add(client, parent.table, above)).id };
}

/** Adds a row whose time for the upkeep passed this long ago. */
async function addAged(client: ClientBase, upkeep: UpkeepFunction, age: string): Promise<string> {
  const row = await add(client, upkeep.table, await addParent(client, upkeep.parent));
  await client.query(
    `update ${upkeep.table} set ${upkeep.column} = now() - $1::interval where id = $2`,
    [age, row.id],
  );
  return row.id as string;
}

async function remaining(client: ClientBase, { table }: UpkeepFunction): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(`select id from ${table} order by id`);
  return rows.map(({ id }) => id);
}

async function deleted(client: ClientBase, call: string): Promise<number> {
  const { rows } = await client.query<{ deleted: number }>(`select ${call} as deleted`);
  return rows[0].deleted;
}

const DAY = "+ interval '2 days'";

describe("upkeep", function () {
  this.timeout(60_000);

  for (const name of DATABASES) {
    describe(`of ${name}`, () => {
      let database: TestDatabase;

      before(async () => {
        database = await createDatabase(name);
      });
      after(() => database.drop());

      for (const upkeep of UPKEEP[name]) {
        describe(upkeep.name, () => {
          const past = async (client: ClientBase) =>
            addAged(client, upkeep, await sum(client, `interval '${upkeep.olderThan}' ${DAY}`));

          async function sum(client: ClientBase, expression: string): Promise<string> {
            const { rows } = await client.query<{ age: string }>(
              `select (${expression})::text as age`,
            );
            return rows[0].age;
          }

          it(`deletes rows older than ${upkeep.olderThan} and keeps the others`, () =>
            asRole(database, "app", async (client) => {
              await past(client);
              const kept = await addAged(
                client,
                upkeep,
                await sum(client, `interval '${upkeep.olderThan}' - interval '2 days'`),
              );
              assert.equal(await deleted(client, `${upkeep.name}()`), 1);
              assert.deepEqual(await remaining(client, upkeep), [kept]);
            }));

          it("uses the age given in the call", () =>
            asRole(database, "app", async (client) => {
              await past(client);
              const call = `${upkeep.name}(interval '${upkeep.olderThan}' ${DAY} ${DAY})`;
              assert.equal(await deleted(client, call), 0);
            }));

          it("deletes a batch at a time until nothing is left", () =>
            asRole(database, "app", async (client) => {
              for (let row = 0; row < 5; row++) {
                await past(client);
              }
              const numbers = [];
              for (let call = 0; call < 4; call++) {
                numbers.push(await deleted(client, `${upkeep.name}(batch_size => 2)`));
              }
              assert.deepEqual(numbers, [2, 2, 1, 0]);
            }));

          it("skips a row that another session has locked, without waiting", async () => {
            const client = await database.pool("app").connect();
            try {
              const held = await past(client);
              const free = await past(client);
              await asRole(database, "app", async (other) => {
                await other.query(`select from ${upkeep.table} where id = $1 for update`, [held]);
                assert.equal(await deleted(client, `${upkeep.name}()`), 1);
                assert.deepEqual(await remaining(client, upkeep), [held]);
              });
              assert.equal(await deleted(client, `${upkeep.name}()`), 1);
              assert.notEqual(held, free);
            } finally {
              client.release();
            }
          });

          for (const [what, call] of [
            ["a negative age", "(interval '-1 second')"],
            ["no age", "(null)"],
            ["an empty batch", "(batch_size => 0)"],
            ["a batch above 10,000", "(batch_size => 10001)"],
            ["no batch size", "(batch_size => null)"],
          ]) {
            it(`rejects ${what}`, () =>
              asRole(database, "app", (client) =>
                assert.rejects(client.query(`select ${upkeep.name}${call}`), { code: "22023" }),
              ));
          }

          it("cannot be called by the read-only role", () =>
            asRole(database, "readonly", (client) =>
              assert.rejects(client.query(`select ${upkeep.name}()`), { code: "42501" }),
            ));
        });
      }
    });
  }

  it("keeps the ratings of contents, because the last value holds until the next one", async () => {
    const database = await createDatabase("content_service_db");
    try {
      await asRole(database, "app", async (client) => {
        const content = await add(client, "generated_content");
        for (const metric_name of ["average_rating", "rating_count", "views"]) {
          await add(client, "content_analytics", {
            content_id: content.id,
            metric_name,
            metric_date: "2020-01-01",
          });
        }
        assert.equal(await deleted(client, "delete_old_content_analytics()"), 1);
        const { rows } = await client.query<{ metric_name: string }>(
          "select metric_name from content_analytics order by 1",
        );
        assert.deepEqual(
          rows.map((row) => row.metric_name),
          ["average_rating", "rating_count"],
        );
      });
    } finally {
      await database.drop();
    }
  });

  it("deletes each row once when several sessions call it at the same time", async () => {
    const database = await createDatabase("payment_service_db");
    try {
      await database.pool("app").query(`
        insert into payment_webhooks (provider, event_type, event_id, payload, processed_at)
        select 'STRIPE', 'charge.succeeded', n, '{}', '2020-01-01' from generate_series(1, 1000) n`);
      const numbers = await Promise.all(
        Array.from({ length: 20 }, async () => {
          const { rows } = await database
            .pool("app")
            .query<{ deleted: number }>(
              "select delete_processed_webhooks(batch_size => 50) as deleted",
            );
          return rows[0].deleted;
        }),
      );
      const { rows } = await database
        .pool("app")
        .query<{ count: number }>("select count(*)::int as count from payment_webhooks");
      assert.equal(
        numbers.reduce((total, number) => total + number, 0),
        1000 - rows[0].count,
      );
    } finally {
      await database.drop();
    }
  });
});
