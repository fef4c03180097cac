import assert from "node:assert/strict";

import type { ClientBase, PoolClient } from "pg";

import { asRole, createDatabase, type TestDatabase } from "../support/databases";
import { add, change, type Row } from "./rows";

describe("the search entry of a content", function () {
  this.timeout(30_000);

  let database: TestDatabase;

  before(async () => {
    database = await createDatabase("content_service_db");
  });
  after(() => database.drop());

  /** A test in a transaction of the service's role, which is rolled back. */
  const asService = (act: (client: PoolClient) => Promise<void>) => () =>
    asRole(database, "app", act);

  async function entry(client: ClientBase, content: Row): Promise<Row | undefined> {
    const { rows } = await client.query<Row>(
      "select * from content_search_index where content_id = $1",
      [content.id],
    );
    assert.ok(rows.length <= 1);
    return rows[0];
  }

  async function found(client: ClientBase, query: string, language = "english"): Promise<string[]> {
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
    "ranks a title before a text",
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
    ["a language's code", { language: "de" }, "german"],
    ["a code with a country", { language: "pt-BR" }, "portuguese"],
    ["a code with a country, as locales write it", { language: "DE_at" }, "german"],
    ["the other code of Norwegian", { language: "nb" }, "norwegian"],
    ["the code of a language without a configuration", { language: "ja" }, "simple"],
    ["such a code with a script", { language: "zh-Hans" }, "simple"],
    ["the name of such a language", { language: "Chinese" }, "simple"],
    ["two letters that are no code", { language: "xx" }, "english"],
    ["a word that begins like a code", { language: "deutsch" }, "english"],
    ["a blank name", { language: " " }, "english"],
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
    "accepts a configuration that was created in this database",
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
    "exists for a content without text",
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
    "is not written when anything else changes",
    asService(async (client) => {
      const content = await add(client, "generated_content");
      const at = await entry(client, content);
      await change(client, "generated_content", content.id, { word_count: 5 });
      await client.query("update generated_content set title = title, content_data = content_data");
      assert.deepEqual(await entry(client, content), at);
    }),
  );

  it(
    "is correct for all contents of one statement",
    asService(async (client) => {
      await client.query(
        `insert into generated_content (session_id, content_type, title, content_data)
         select gen_random_uuid(), 'TEXT', title, data
         from (values ('Birds', '{"body": "wings"}'::jsonb),
           ('Vögel', '{"body": "Die Flügel", "language": "german"}')) lesson (title, data)`,
      );
      assert.deepEqual(await found(client, "wing"), ["Birds"]);
      assert.deepEqual(await found(client, "Flügel", "german"), ["Vögel"]);
      await client.query("update generated_content set title = title || ' today'");
      assert.equal((await found(client, "today")).length, 2);
    }),
  );

  it(
    "is restored by the next change after it was deleted",
    asService(async (client) => {
      const content = await add(client, "generated_content");
      await client.query("delete from content_search_index");
      await change(client, "generated_content", content.id, { title: "Back" });
      assert.deepEqual(await found(client, "back"), ["Back"]);
    }),
  );

  it(
    "contains only the title if the text has too many words, and the content is saved",
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
