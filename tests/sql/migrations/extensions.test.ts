import assert from "node:assert/strict";

import { formatDrift, inspect, migrate, MigrationStatementError } from "../../../migrator";
import { type Contents, createSubject, migrations, type Subject } from "./support";

const FILES: Contents = { "0001_create_books.sql": "create table books (title text);" };

describe("extensions", () => {
  let subject: Subject;
  beforeEach(async () => {
    subject = await createSubject();
  });
  afterEach(() => subject.database.drop());

  const driftWith = async (extensions?: string[]) => {
    const { drift } = await inspect({ ...subject.target, extensions }, migrations(FILES));
    return drift?.map(formatDrift);
  };

  it("that the program creates are not reported as changes by hand, and others are", async () => {
    await migrate(subject.target, migrations(FILES));
    await subject.rows('create extension pg_stat_statements; create extension "uuid-ossp"');
    const [first, second, ...rest] = (await driftWith()) ?? [];
    assert.match(first, /^extension "uuid-ossp" is not from a migration/);
    assert.match(second, /^extension pg_stat_statements is not from a migration/);
    assert.deepEqual(rest, []);
    assert.deepEqual(await driftWith(["pg_stat_statements"]), [first]);
    assert.deepEqual(await driftWith(["pg_stat_statements", "uuid-ossp"]), []);
  });

  it("that the program drops again are not reported as missing, whoever created them first", async () => {
    await subject.rows("create extension pg_stat_statements");
    await migrate(subject.target, migrations(FILES));
    const target = { ...subject.target, extensions: ["pg_stat_statements"] };
    assert.deepEqual(await driftWith(target.extensions), []);
    await migrate(target, migrations({ ...FILES, "repeatable/01_comments.sql": "select 1" }));
    await subject.rows("drop extension pg_stat_statements");
    assert.deepEqual(await driftWith(), []);
  });

  const refused: [title: string, sql: string, message: RegExp][] = [
    [
      "that only a superuser may create are refused with the next step",
      "create extension pg_stat_statements;",
      /42501 {2}permission denied to create extension "pg_stat_statements"\n(.*\n)* {2}only a superuser may create it: add it to the service's `extensions` in catalog\/services\.ts/,
    ],
    [
      "with a new enum value in the file that uses it are refused with the next step",
      "create table moods (mood mood); alter type mood add value 'glad'; insert into moods values ('glad');",
      /55P04 {2}unsafe use of new value "glad" of enum type (public\.)?mood\n(.*\n)* {2}a new enum value cannot be used in the transaction that adds it: move the statement that uses it into a file with the next number/,
    ],
  ];
  for (const [title, sql, message] of refused) {
    it(title, async () => {
      const files = {
        "0001_create_mood.sql": "create type mood as enum ('sad');",
        "0002_x.sql": sql,
      };
      await assert.rejects(migrate(subject.target, migrations(files)), (error) => {
        assert.ok(error instanceof MigrationStatementError);
        assert.match(error.message, message);
        return true;
      });
    });
  }

  it("that are trusted can be created by a migration", async () => {
    const sql = "create extension citext; create table names (name citext);";
    await migrate(subject.target, migrations({ "0001_create_names.sql": sql }));
    const [row] = await subject.rows("select extname from pg_extension where extname = 'citext'");
    assert.deepEqual(row, { extname: "citext" });
  });
});
