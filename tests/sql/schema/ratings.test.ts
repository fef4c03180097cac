import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

import type { ClientBase, Pool, PoolClient } from "pg";

import { readDocument } from "../queries/document";
import { asRole, createDatabase, type TestDatabase } from "../support/databases";
import { add, change, find, type Row } from "./rows";

describe("the average rating of content", function () {
  this.timeout(30_000);

  let database: TestDatabase;

  before(async () => {
    database = await createDatabase("content_service_db");
  });
  after(() => database.drop());

  /** A test in a transaction of the service's role, which is rolled back. */
  const asService = (act: (client: PoolClient) => Promise<void>) => () =>
    asRole(database, "app", act);

  /** Today's rating metrics (UTC) of a content, as numbers. */
  async function metrics(client: ClientBase | Pool, content: Row): Promise<Record<string, number>> {
    const { rows } = await client.query<Row>(
      `select metric_name, metric_value::float8 as value from content_analytics
     where content_id = $1 and metric_date = (now() at time zone 'UTC')::date`,
      [content.id],
    );
    return Object.fromEntries(rows.map((row) => [row.metric_name, row.value]));
  }

  /** Runs a separate transaction, and retries it if the server requests that. */
  async function retried(
    pool: Pool,
    isolation: string,
    act: (client: ClientBase) => Promise<unknown>,
  ): Promise<void> {
    const client = await pool.connect();
    try {
      for (;;) {
        try {
          await client.query(`begin isolation level ${isolation}`);
          await act(client);
          await client.query("commit");
          return;
        } catch (error) {
          await client.query("rollback");
          if ((error as { code?: string }).code !== "40001") {
            throw error;
          }
        }
      }
    } finally {
      client.release();
    }
  }

  it(
    "is written for the current day when ratings are added, changed and removed",
    asService(async (client) => {
      const content = await add(client, "generated_content");
      const rate = (rating: number) =>
        add(client, "content_feedback", { content_id: content.id, rating });

      const first = await rate(5);
      assert.deepEqual(await metrics(client, content), { average_rating: 5, rating_count: 1 });
      const second = await rate(2);
      await rate(3);
      assert.deepEqual(await metrics(client, content), {
        average_rating: 3.3333,
        rating_count: 3,
      });

      await change(client, "content_feedback", second.id, { rating: 4 });
      assert.deepEqual(await metrics(client, content), { average_rating: 4, rating_count: 3 });

      await client.query("delete from content_feedback where id = $1", [first.id]);
      assert.deepEqual(await metrics(client, content), { average_rating: 3.5, rating_count: 2 });
    }),
  );

  it(
    "disappears with the last rating, and the count is 0",
    asService(async (client) => {
      const content = await add(client, "generated_content");
      await add(client, "content_feedback", { content_id: content.id });
      await client.query("delete from content_feedback");
      assert.deepEqual(await metrics(client, content), { rating_count: 0 });
    }),
  );

  it(
    "includes ratings of earlier days, and keeps those days' values",
    asService(async (client) => {
      const content = await add(client, "generated_content");
      await add(client, "content_feedback", { content_id: content.id, rating: 1 });
      await client.query(
        "update content_analytics set metric_date = metric_date - 1, metric_value = metric_value",
      );
      await add(client, "content_feedback", { content_id: content.id, rating: 5 });
      assert.deepEqual(await metrics(client, content), { average_rating: 3, rating_count: 2 });
      const { rows } = await client.query<Row>(
        `select metric_value::float8 as value from content_analytics
       where metric_name = 'average_rating' order by metric_date`,
      );
      assert.deepEqual(
        rows.map((row) => row.value),
        [1, 3],
      );
    }),
  );

  it(
    "is what the documented query returns, and nothing after the last rating is removed",
    asService(async (client) => {
      const content = await add(client, "generated_content");
      const query = readDocument().content_service_db.queries.find(
        ({ title }) => title === "Rating of a content",
      );
      const documentedRating = async () =>
        (await client.query<Row>(query?.sql ?? "", [content.id])).rows.map((row) =>
          Number(row.metric_value),
        );
      assert.deepEqual(await documentedRating(), []);
      await add(client, "content_feedback", { content_id: content.id, rating: 2 });
      await client.query("update content_analytics set metric_date = metric_date - 1");
      assert.deepEqual(await documentedRating(), [2]);
      await add(client, "content_feedback", { content_id: content.id, rating: 5 });
      assert.deepEqual(await documentedRating(), [3.5]);
      await client.query("delete from content_feedback");
      assert.deepEqual(await documentedRating(), []);
    }),
  );

  it(
    "is correct for all contents of one statement",
    asService(async (client) => {
      const one = await add(client, "generated_content");
      const two = await add(client, "generated_content");
      await client.query(
        `insert into content_feedback (content_id, user_id, rating)
       select content, gen_random_uuid(), rating
       from unnest($1::uuid[]) content, generate_series(1, 5) rating`,
        [[one.id, two.id]],
      );
      assert.deepEqual(await metrics(client, one), { average_rating: 3, rating_count: 5 });
      assert.deepEqual(await metrics(client, two), { average_rating: 3, rating_count: 5 });

      await client.query("update content_feedback set content_id = $1 where content_id = $2", [
        one.id,
        two.id,
      ]);
      assert.deepEqual(await metrics(client, one), { average_rating: 3, rating_count: 10 });
      assert.deepEqual(await metrics(client, two), { rating_count: 0 });
    }),
  );

  it(
    "is not written by an update that changes no rating",
    asService(async (client) => {
      const content = await add(client, "generated_content");
      await add(client, "content_feedback", { content_id: content.id });
      await client.query("delete from content_analytics");
      await client.query("update content_feedback set rating = rating, feedback_text = 'Good'");
      await client.query("update content_feedback set rating = 1 where false");
      assert.deepEqual(await metrics(client, content), {});
    }),
  );

  it(
    "is deleted with its content",
    asService(async (client) => {
      const content = await add(client, "generated_content");
      await add(client, "content_feedback", { content_id: content.id });
      await client.query("delete from generated_content");
      const { rowCount } = await client.query("select from content_analytics");
      assert.equal(rowCount, 0);
    }),
  );

  it(
    "belongs to the day in UTC, whatever the session's time zone",
    asService(async (client) => {
      const content = await add(client, "generated_content");
      for (const zone of ["Pacific/Kiritimati", "Pacific/Niue"]) {
        // At any hour, one of the two zones has another day than UTC.
        await client.query(`set local timezone = '${zone}'`);
        await add(client, "content_feedback", { content_id: content.id });
      }
      assert.equal((await metrics(client, content)).rating_count, 2);
      const { rowCount } = await client.query("select from content_analytics");
      assert.equal(rowCount, 2);
    }),
  );

  for (const isolation of ["read committed", "repeatable read"]) {
    it(`is exact when 40 users rate, change and remove at once, at ${isolation}`, async () => {
      const pool = database.pool("app", 16);
      const content = await add(pool, "generated_content");
      await Promise.all(
        Array.from({ length: 40 }, async (_, index) => {
          const user = randomUUID();
          const act = (sql: string, ...values: unknown[]) =>
            retried(pool, isolation, (client) => client.query(sql, [content.id, user, ...values]));
          await act(
            "insert into content_feedback (content_id, user_id, rating) values ($1, $2, $3)",
            1 + (index % 5),
          );
          if (index % 2) {
            await act(
              "update content_feedback set rating = 5 where content_id = $1 and user_id = $2",
            );
          }
          if (index % 4 === 0) {
            await act("delete from content_feedback where content_id = $1 and user_id = $2");
          }
        }),
      );
      const { rows } = await pool.query<Row>(
        `select round(avg(rating), 4)::float8 as average_rating, count(*)::integer as rating_count
         from content_feedback where content_id = $1`,
        [content.id],
      );
      assert.equal(rows[0].rating_count, 30);
      assert.deepEqual(await metrics(pool, content), rows[0]);
    });

    it(`includes each of 40 simultaneous ratings, at ${isolation}`, async () => {
      const pool = database.pool("app", 16);
      const contents = [await add(pool, "generated_content"), await add(pool, "generated_content")];
      await Promise.all(Array.from({ length: 40 }, (_, index) => rate(1 + (index % 5))));
      for (const content of contents) {
        assert.deepEqual(await metrics(pool, content), { average_rating: 3, rating_count: 40 });
      }

      // Both contents in one statement, in either order, cause neither lost values nor deadlocks.
      async function rate(rating: number): Promise<void> {
        const ids = contents.map((content) => content.id as string);
        if (rating % 2) {
          ids.reverse();
        }
        await retried(pool, isolation, (client) =>
          client.query(
            `insert into content_feedback (content_id, user_id, rating)
             select content, $2, $3 from unnest($1::uuid[]) content`,
            [ids, randomUUID(), rating],
          ),
        );
      }
    });
  }

  it("is computed once per statement, not once per row: 10,000 ratings at once", async () => {
    const pool = database.pool("app");
    const content = await add(pool, "generated_content");
    const began = performance.now();
    await pool.query(
      `insert into content_feedback (content_id, user_id, rating)
     select $1, gen_random_uuid(), 1 + number % 5 from generate_series(1, 10000) number`,
      [content.id],
    );
    assert.deepEqual(await metrics(pool, content), { average_rating: 3, rating_count: 10_000 });
    // Row by row it would take minutes. The limit allows for a busy machine.
    assert.ok(performance.now() - began < 10_000);
    assert.equal((await find(pool, "generated_content", content.id))?.id, content.id);
  });
});
