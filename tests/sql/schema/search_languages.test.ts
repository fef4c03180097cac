import assert from "node:assert/strict";

import type { ClientBase, PoolClient } from "pg";

import { readDocument } from "../queries/document";
import { asRole, createDatabase, type TestDatabase } from "../support/databases";
import { add, type Row } from "./rows";

describe("the documented search", function () {
  this.timeout(30_000);

  let database: TestDatabase;
  const search = readDocument().content_service_db.queries.find(({ title }) => title === "Search")!;

  before(async () => {
    database = await createDatabase("content_service_db");
  });
  after(() => database.drop());

  /** A test in a transaction of the service's role, which is rolled back. */
  const asService = (act: (client: PoolClient) => Promise<void>) => () =>
    asRole(database, "app", act);

  /** Titles that the documented query finds, best first. */
  async function found(client: ClientBase, language: string | null, words: string) {
    const values: Row = { language, words };
    const { rows } = await client.query<{ title: string }>(
      search.sql,
      search.parameters.map((parameter) => values[parameter]),
    );
    return rows.map(({ title }) => title);
  }

  const write = (client: ClientBase, title: string, language?: string, body = "") =>
    add(client, "generated_content", { title, content_data: { language, body } });

  const languages: [language: string, text: string, words: string][] = [
    ["de", "Die Häuser am Wald", "haus"],
    ["german", "Die Häuser am Wald", "haus"],
    ["de-CH", "Die Häuser am Wald", "haus"],
    ["fr", "Les mathématiques amusantes", "amusant"],
    ["pl", "Ułamki zwykłe", "UŁAMKI"],
    ["polish", "Ułamki zwykłe", "ułamki"],
    ["ko", "분수의 덧셈", "덧셈"],
    ["klingon", "Fractions", "fraction"],
  ];
  for (const [language, text, words] of languages) {
    it(
      `finds "${text}" in ${language} by "${words}"`,
      asService(async (client) => {
        await write(client, text, language);
        assert.deepEqual(await found(client, language, words), [text]);
        assert.deepEqual(await found(client, language, "nothing"), []);
      }),
    );
  }

  it(
    "keeps languages apart",
    asService(async (client) => {
      await write(client, "Python auf Deutsch", "de");
      await write(client, "Python in English");
      assert.deepEqual(await found(client, "de", "python"), ["Python auf Deutsch"]);
      assert.deepEqual(await found(client, "english", "python"), ["Python in English"]);
      assert.deepEqual(await found(client, null, "python"), ["Python in English"]);
    }),
  );

  it("needs one function for its query text", () => {
    assert.deepEqual(search.sql.match(/\b\w*(search|spell|spaceless)\w*(?=\()/g), ["search_query"]);
  });

  it(
    "keeps languages apart if a word must not occur",
    asService(async (client) => {
      await write(client, "Python auf Deutsch", "de");
      await write(client, "Java auf Deutsch", "de");
      await write(client, "Java in English");
      await write(client, "Java po polsku", "pl");
      assert.deepEqual(await found(client, "de", "java -python"), ["Java auf Deutsch"]);
      assert.deepEqual(await found(client, "de", "-python"), ["Java auf Deutsch"]);
      assert.deepEqual(await found(client, "en", "-python"), ["Java in English"]);
      assert.deepEqual(await found(client, "pl", "python or -deutsch"), ["Java po polsku"]);
    }),
  );

  it(
    "does not find content by the name of its language",
    asService(async (client) => {
      await write(client, "Brüche", "de");
      await write(client, "Fractions");
      for (const language of ["de", "en", "pl"]) {
        for (const words of ["german", "other", "language german", '"language other"']) {
          assert.deepEqual(await found(client, language, words), [], words);
        }
      }
    }),
  );

  it(
    "ranks by the words alone",
    asService(async (client) => {
      const bodies = ["loops", "python loops", "loops and many more words than python", "python"];
      for (const language of ["en", "de"]) {
        for (const body of [...bodies, bodies.join(" "), "python ".repeat(3), "loops ".repeat(3)]) {
          await write(client, `${body.split(" ")[0]} in ${language}: ${body}`, language, body);
        }
        for (const words of ["python", "python loops", "loops or python", '"python loops"']) {
          const { rows } = await client.query<{ title: string }>(
            `select c.title
             from generated_content c
             join content_search_index i on i.content_id = c.id,
               websearch_to_tsquery(search_language($1)::regconfig, $2) query
             where i.search_vector @@ query and i.language = search_language($1)
             order by ts_rank(i.search_vector, query) desc, c.id`,
            [language, words],
          );
          const titles = rows.map(({ title }) => title);
          assert.ok(titles.length > 1, words);
          assert.deepEqual(await found(client, language, words), titles, words);
        }
      }
    }),
  );

  const spaceless: [language: string, text: string][] = [
    ["zh", "机器学习入门"],
    ["ja", "機械学習のプログラミング入門"],
    ["th", "การเรียนรู้ของเครื่อง"],
    ["lo", "ການຮຽນຮູ້ຂອງເຄື່ອງ"],
    ["km", "ការរៀនម៉ាស៊ីន"],
    ["my", "စက်သင်ယူမှု"],
    ["zh", "𠮷野家𠀋"],
  ];
  for (const [language, text] of spaceless) {
    it(
      `finds ${text} by any two or more neighbouring characters, whatever language it names`,
      asService(async (client) => {
        const other = await write(client, "入機学", language, "習器のงก");
        await write(client, text, language);
        await write(client, text);
        const characters = [...text];
        const all = [text, text];
        for (const length of [2, 3, characters.length]) {
          for (let at = 0; at + length <= characters.length; at++) {
            const words = characters.slice(at, at + length).join("");
            for (const asked of [language, "en", null]) {
              assert.deepEqual(await found(client, asked, words), all, words);
            }
          }
        }
        assert.deepEqual(await found(client, language, `${characters[0]}${characters.at(-1)}`), []);
        assert.deepEqual(await found(client, language, "入機"), [other.title]);
      }),
    );
  }

  it(
    "finds such text beside words with spaces, in the content and in the title, which ranks first",
    asService(async (client) => {
      await write(client, "Lesson 7", "zh", "用Python编程：变量和函数，第3章");
      await write(client, "编程 basics", "zh");
      assert.deepEqual(await found(client, "zh", "编程"), ["编程 basics", "Lesson 7"]);
      for (const words of ["python", "python 函数", "Python编程", "变量 函数", "lesson 编程"]) {
        assert.deepEqual(await found(client, "zh", words), ["Lesson 7"], words);
      }
    }),
  );

  it(
    "supports quotes, or, and - with such text",
    asService(async (client) => {
      await write(client, "机器学习入门", "zh");
      await write(client, "学习机器", "zh");
      await write(client, "变量", "zh");
      const titles = async (words: string) => (await found(client, "zh", words)).sort();
      assert.deepEqual(await titles("机器 学习"), ["学习机器", "机器学习入门"]);
      assert.deepEqual(await titles('"机器学习"'), ["机器学习入门"]);
      assert.deepEqual(await titles("机器学习 or 变量"), ["变量", "机器学习入门"]);
      assert.deepEqual(await titles("机器 -学习入门"), ["学习机器"]);
      assert.deepEqual(await titles("机器 -入门指南"), ["学习机器", "机器学习入门"]);
    }),
  );

  it(
    "accepts any input without an error",
    asService(async (client) => {
      await write(client, "Fractions", "en");
      for (const words of ["", " ", '"', "-", "or", "'; --", '机"器', "\\", "& | ! <->", "机"]) {
        assert.deepEqual(await found(client, "xx", words), [], words);
      }
    }),
  );

  it(
    "turns each pair of characters into a word that no configuration changes",
    asService(async (client) => {
      const { rows } = await client.query<Row>(`
        with letter as (
          select chr(code) as sign, code
          from (
            select code from generate_series(3585, 200000, 7) code
            where code not between 55296 and 57343
            offset 0
          ) character
          where chr(code) ~ ('[' || spaceless_characters() || ']')
        ), pair as (
          select btrim(spell_spaceless(sign || lead(sign) over (order by code))) as word
          from letter
        )
        select word, cfgname
        from pair, pg_ts_config
        where word <> '' and to_tsvector(pg_ts_config.oid, word) <> format('''%s'':1', word)::tsvector
        limit 5`);
      assert.deepEqual(rows, []);
    }),
  );

  it(
    "knows every configuration of the server that has a language code",
    asService(async (client) => {
      const { rows } = await client.query<{ language: string; codes: string[] }>(`
        select search_language(first || second) as language, array_agg(first || second) as codes
        from unnest(string_to_array('a b c d e f g h i j k l m n o p q r s t u v w x y z', ' ')) first,
          unnest(string_to_array('a b c d e f g h i j k l m n o p q r s t u v w x y z', ' ')) second
        group by 1`);
      const codes = new Map(rows.map((row) => [row.language, row.codes]));
      const { rows: all } = await client.query<{ cfgname: string }>(
        "select cfgname from pg_ts_config order by cfgname",
      );
      assert.deepEqual(
        [...codes.keys()].sort(),
        all.map(({ cfgname }) => cfgname),
      );
      // Node's ICU names every language code: a code without a name does not exist.
      const names = new Intl.DisplayNames("en", { type: "language", fallback: "none" });
      for (const [language, list] of codes) {
        for (const code of list) {
          const name = names.of(code);
          const known = name?.toLowerCase();
          if (language === "english") {
            assert.ok(code === "en" || known === undefined || OUTDATED.includes(code), code);
          } else if (language !== "simple" && language !== "norwegian") {
            assert.ok(known?.includes(language), `${code}: ${known} is not ${language}`);
          }
        }
      }
    }),
  );

  it(
    "takes time in proportion to the length of a text without spaces",
    asService(async (client) => {
      const began = performance.now();
      await write(client, "长", "zh", "机器学习入门变量函数".repeat(5_000));
      // 50,000 characters without a space: code that reads all of them for each one takes minutes.
      assert.ok(performance.now() - began < 5_000);
      assert.deepEqual(await found(client, "zh", "门变"), ["长"]);
    }),
  );
});

/** Codes that ICU knows, but that ISO 639-1 never had or has withdrawn. */
const OUTDATED = ["in", "iw", "ji", "jw", "mo", "sh", "tl"];
