import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

import type { ClientBase, Pool, PoolClient } from "pg";

import { asRole, createDatabase, type TestDatabase } from "../support/databases";
import { add, change, find, type Row } from "./rows";

describe("what the content service keeps by triggers", function () {
  this.timeout(30_000);

  let database: TestDatabase;

  before(async () => {
    database = await createDatabase("content_service_db");
  });
  after(() => database.drop());

  /** A test in a transaction of the service's role, which is rolled back. */
  const asService = (act: (client: PoolClient) => Promise<void>) => () =>
    asRole(database, "app", act);

  describe("the search entry of content", () => {
    async function entry(client: ClientBase, content: Row): Promise<Row | undefined> {
      const { rows } = await client.query<Row>(
        "select * from content_search_index where content_id = $1",
        [content.id],
      );
      assert.ok(rows.length <= 1);
      return rows[0];
    }

    async function found(
      client: ClientBase,
      query: string,
      language = "english",
    ): Promise<string[]> {
      const { rows } = await client.query<{ title: string }>(
        `select title from content_search_index
       join generated_content on generated_content.id = content_id,
         websearch_to_tsquery($2::regconfig, $1) query
       where search_vector @@ query
       order by ts_rank(search_vector, query) desc`,
        [query, language],
      );
      return rows.map((row) => row.title);
    }

    it(
      "finds a title before a text",
      asService(async (client) => {
        await add(client, "generated_content", {
          title: "Numbers",
          content_data: { body: "All about fractions" },
        });
        await add(client, "generated_content", { title: "Fractions", content_data: {} });
        assert.deepEqual(await found(client, "fraction"), ["Fractions", "Numbers"]);

        const { rows } = await client.query<Row>(
          "select array_agg(distinct weight) as weights from content_search_index, unnest(search_vector) word, unnest(word.weights) weight",
        );
        assert.deepEqual(rows[0].weights, ["A", "B"]);
      }),
    );

    it(
      "holds every string of the content at any depth, but neither keys nor numbers",
      asService(async (client) => {
        const content = await add(client, "generated_content", {
          title: "Quiz",
          content_data: JSON.stringify({
            secretkey: "alpha",
            list: ["beta", { deep: [[{ deeper: "gamma" }]] }],
            count: 4711,
            flag: true,
            nothing: null,
          }),
        });
        for (const word of ["alpha", "beta", "gamma"]) {
          assert.deepEqual(await found(client, word), ["Quiz"], word);
        }
        for (const word of ["secretkey", "deeper", "4711", "true"]) {
          assert.deepEqual(await found(client, word), [], word);
        }
        assert.equal((await entry(client, content))?.language, "english");
      }),
    );

    it(
      "searches German content as German, umlauts included",
      asService(async (client) => {
        const content = await add(client, "generated_content", {
          title: "Übungen zu Brüchen",
          content_data: { language: "german", body: "Die Häuser stehen in den Wäldern." },
        });
        assert.equal((await entry(client, content))?.language, "german");
        assert.deepEqual(await found(client, "Haus", "german"), ["Übungen zu Brüchen"]);
        assert.deepEqual(await found(client, "übung", "german"), ["Übungen zu Brüchen"]);
        assert.deepEqual(await found(client, "die", "german"), []);
      }),
    );

    const languages: [what: string, data: unknown, language: string][] = [
      ["a configuration's name", { language: "french" }, "french"],
      ["a name in capitals", { language: "German" }, "german"],
      ["simple", { language: "simple" }, "simple"],
      ["a name that does not exist", { language: "klingon" }, "english"],
      ["a language code", { language: "de" }, "english"],
      ["an empty name", { language: "" }, "english"],
      ["SQL", { language: "german'; drop table content_tags; --" }, "english"],
      ["a number", { language: 5 }, "english"],
      ["an object", { language: { name: "german" } }, "english"],
      ["a language deeper down", { body: { language: "german" } }, "english"],
      ["no language", {}, "english"],
      ["content that is a list", ["german"], "english"],
      ["content that is a string", "german", "english"],
      ["content that is null", null, "english"],
    ];
    for (const [what, data, language] of languages) {
      it(
        `is ${language} for ${what}`,
        asService(async (client) => {
          const content = await add(client, "generated_content", {
            content_data: JSON.stringify(data),
          });
          assert.equal((await entry(client, content))?.language, language);
        }),
      );
    }

    it(
      "takes a configuration that was made for this database",
      asService(async (client) => {
        const owner = await database.pool("superuser").connect();
        try {
          await owner.query("create text search configuration public.terms (copy = simple)");
          const content = await add(client, "generated_content", {
            content_data: { language: "terms" },
          });
          assert.equal((await entry(client, content))?.language, "terms");
        } finally {
          await owner.query("drop text search configuration if exists public.terms");
          owner.release();
        }
      }),
    );

    it(
      "exists for content without any text",
      asService(async (client) => {
        const content = await add(client, "generated_content", { title: "", content_data: {} });
        assert.equal((await entry(client, content))?.search_vector, "");
      }),
    );

    it(
      "follows a change of title, text and language",
      asService(async (client) => {
        const content = await add(client, "generated_content", {
          title: "Old",
          content_data: { body: "stale" },
        });
        await change(client, "generated_content", content.id, { title: "New" });
        assert.deepEqual(await found(client, "old"), []);
        assert.deepEqual(await found(client, "new"), ["New"]);

        await change(client, "generated_content", content.id, {
          content_data: { body: "Häuser", language: "german" },
        });
        assert.deepEqual(await found(client, "stale"), []);
        assert.deepEqual(await found(client, "haus", "german"), ["New"]);
        assert.equal((await entry(client, content))?.language, "german");
      }),
    );

    it(
      "is not written by a change of anything else",
      asService(async (client) => {
        const content = await add(client, "generated_content");
        const at = await entry(client, content);
        await change(client, "generated_content", content.id, { word_count: 5 });
        await client.query(
          "update generated_content set title = title, content_data = content_data",
        );
        assert.deepEqual(await entry(client, content), at);
      }),
    );

    it(
      "comes back with the next change after it was lost",
      asService(async (client) => {
        const content = await add(client, "generated_content");
        await client.query("delete from content_search_index");
        await change(client, "generated_content", content.id, { title: "Back" });
        assert.deepEqual(await found(client, "back"), ["Back"]);
      }),
    );

    it(
      "keeps the title where the text has too many words, and does not refuse the content",
      asService(async (client) => {
        const words = Array.from({ length: 150_000 }, (_, index) => `word${index}x`).join(" ");
        await add(client, "generated_content", { title: "Dictionary", content_data: { words } });
        assert.deepEqual(await found(client, "dictionary"), ["Dictionary"]);
        assert.deepEqual(await found(client, "word7x"), []);
      }),
    );

    it(
      "is found through its index",
      asService(async (client) => {
        await client.query("set local enable_seqscan = off");
        const { rows } = await client.query<Row>(
          `explain select content_id from content_search_index
         where search_vector @@ plainto_tsquery('english', 'fraction')`,
        );
        assert.match(JSON.stringify(rows), /content_search_index_search_vector_idx/);
      }),
    );
  });

  describe("the average rating of content", () => {
    /** Today's rating metrics (UTC) of a piece of content, in numbers. */
    async function metrics(
      client: ClientBase | Pool,
      content: Row,
    ): Promise<Record<string, number>> {
      const { rows } = await client.query<Row>(
        `select metric_name, metric_value::float8 as value from content_analytics
       where content_id = $1 and metric_date = (now() at time zone 'UTC')::date`,
        [content.id],
      );
      return Object.fromEntries(rows.map((row) => [row.metric_name, row.value]));
    }

    it(
      "is written into the day when ratings are added, changed and removed",
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
      "is gone with the last rating, and the count is 0",
      asService(async (client) => {
        const content = await add(client, "generated_content");
        await add(client, "content_feedback", { content_id: content.id });
        await client.query("delete from content_feedback");
        assert.deepEqual(await metrics(client, content), { rating_count: 0 });
      }),
    );

    it(
      "counts ratings of earlier days, and leaves those days' values",
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
      "is right for all content of one statement",
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
      "goes with its content without a trace",
      asService(async (client) => {
        const content = await add(client, "generated_content");
        await add(client, "content_feedback", { content_id: content.id });
        await client.query("delete from generated_content");
        const { rowCount } = await client.query("select from content_analytics");
        assert.equal(rowCount, 0);
      }),
    );

    it(
      "belongs to the day in UTC, whatever the session's time zone is",
      asService(async (client) => {
        const content = await add(client, "generated_content");
        for (const zone of ["Pacific/Kiritimati", "Pacific/Niue"]) {
          // One of the two is on another day than UTC at any hour.
          await client.query(`set local timezone = '${zone}'`);
          await add(client, "content_feedback", { content_id: content.id });
        }
        assert.equal((await metrics(client, content)).rating_count, 2);
        const { rowCount } = await client.query("select from content_analytics");
        assert.equal(rowCount, 2);
      }),
    );

    for (const isolation of ["read committed", "repeatable read"]) {
      it(`counts every one of 40 ratings given at once, at ${isolation}`, async () => {
        const pool = database.pool("app", 16);
        const contents = [
          await add(pool, "generated_content"),
          await add(pool, "generated_content"),
        ];
        await Promise.all(Array.from({ length: 40 }, (_, index) => rate(1 + (index % 5))));
        for (const content of contents) {
          assert.deepEqual(await metrics(pool, content), { average_rating: 3, rating_count: 40 });
        }

        // Both pieces in one statement, in either order: neither lost values nor deadlocks.
        async function rate(rating: number): Promise<void> {
          const ids = contents.map((content) => content.id as string);
          if (rating % 2) {
            ids.reverse();
          }
          const client = await pool.connect();
          try {
            for (;;) {
              try {
                await client.query(`begin isolation level ${isolation}`);
                await client.query(
                  `insert into content_feedback (content_id, user_id, rating)
                 select content, $2, $3 from unnest($1::uuid[]) content`,
                  [ids, randomUUID(), rating],
                );
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
      });
    }

    it("costs one statement's work, not one row's: 10,000 ratings at once", async () => {
      const pool = database.pool("app");
      const content = await add(pool, "generated_content");
      const began = performance.now();
      await pool.query(
        `insert into content_feedback (content_id, user_id, rating)
       select $1, gen_random_uuid(), 1 + number % 5 from generate_series(1, 10000) number`,
        [content.id],
      );
      assert.deepEqual(await metrics(pool, content), { average_rating: 3, rating_count: 10_000 });
      // Row by row it would take minutes; the bound is wide for a busy machine.
      assert.ok(performance.now() - began < 10_000);
      assert.equal((await find(pool, "generated_content", content.id))?.id, content.id);
    });
  });
});
