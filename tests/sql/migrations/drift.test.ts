import assert from "node:assert/strict";

import { formatDrift, inspect, migrate, type MigrationTarget } from "../../../migrator";
import { type Contents, createSubject, migrations, type Subject } from "./support";

const FILES: Contents = {
  "0001_create_books.sql": `
    create table books (
      id uuid primary key default gen_random_uuid(),
      title text not null,
      pages integer not null default 1,
      constraint books_title_key unique (title),
      constraint books_pages_check check (pages > 0)
    );
    create index books_pages_idx on books (pages);
    create table shelves (id uuid primary key, book_id uuid references books on delete restrict);
    create domain isbn as text check (length(value) = 13);
    create view listed as select id from books;
    grant select (title) on books to user_service_readonly with grant option;
    create aggregate longest(text) (sfunc = text_larger, stype = text);
    create sequence orders;`,
  "repeatable/01_functions.sql": `
    create or replace function touch() returns trigger language plpgsql as 'begin return new; end';
    create or replace trigger books_touch before update on books for each row execute function touch();
    comment on table books is 'What is read.';`,
};

async function driftOf(target: MigrationTarget): Promise<string[]> {
  const { drift } = await inspect(target, migrations(FILES));
  assert.ok(drift, "the drift is known");
  return drift.map(formatDrift);
}

describe("drift", () => {
  let subject: Subject;
  const asOwner = (sql: string) =>
    subject.rows(`set role ${subject.target.owner}; ${sql}; reset role`);

  beforeEach(async () => {
    subject = await createSubject();
    await migrate(subject.target, migrations(FILES));
  });
  afterEach(() => subject.database.drop());

  it("is none after a run", async () => {
    assert.deepEqual(await driftOf(subject.target), []);
  });

  const app = "user_service_app";
  const owner = "user_service_owner";
  const byHand: [title: string, sql: string, expected: RegExp][] = [
    [
      "a dropped table, once and without its columns",
      "drop table shelves",
      /^table shelves is gone\. A migration must put it back\.$/,
    ],
    [
      "a table that nobody wrote",
      "create table notes (id integer)",
      /^table notes is not from a migration\. Accept it by a repair, or drop it in a migration, as by: drop table notes\.$/,
    ],
    [
      "a dropped column, with what it was",
      "alter table books drop column pages",
      /^column books\.pages is gone \(it was: integer not null default 1\)\. .*: alter table books add column if not exists pages integer not null default 1\.$/m,
    ],
    [
      "a column of another type",
      "alter table books alter column title type varchar(10)",
      /^column books\.title was changed from "text not null" to "character varying\(10\) not null"/m,
    ],
    [
      "a column that nobody wrote",
      "alter table books add column note text",
      /^column books\.note is not .*: alter table books drop column if exists note\.$/,
    ],
    [
      "a dropped check",
      "alter table books drop constraint books_pages_check",
      /^constraint books_pages_check on books is gone \(it was: CHECK \(\(pages > 0\)\)\)\. .*: alter table books drop constraint if exists books_pages_check, add constraint books_pages_check CHECK/,
    ],
    [
      "a foreign key that deletes otherwise",
      "alter table shelves drop constraint shelves_book_id_fkey, add constraint shelves_book_id_fkey foreign key (book_id) references books on delete cascade",
      /^constraint shelves_book_id_fkey on shelves was changed from ".*ON DELETE RESTRICT" to ".*ON DELETE CASCADE"/,
    ],
    [
      "a dropped index",
      "drop index books_pages_idx",
      /^index books_pages_idx on books is gone .*: CREATE INDEX IF NOT EXISTS books_pages_idx/,
    ],
    [
      "a dropped function with its trigger",
      "drop function touch() cascade",
      /^function touch\(\) is gone\. up restores it .*\ntrigger books_touch on books is gone \(it was: .*\)\. up restores it/,
    ],
    [
      "a function of another body",
      "create or replace function touch() returns trigger language plpgsql as 'begin return old; end'",
      /^function touch\(\) was changed\. up restores it/,
    ],
    [
      "a trigger that is switched off",
      "alter table books disable trigger books_touch",
      /^trigger books_touch on books was changed from ".*" to ".* disabled"/,
    ],
    ["a comment that is gone", "comment on table books is null", /^comment on table books is gone/],
    [
      "a right that is gone",
      `revoke delete on books from ${app}`,
      /^grant on table books to user_service_app was changed from "DELETE, INSERT, SELECT, UPDATE" to "INSERT, SELECT, UPDATE"\. .*: revoke all on table books from user_service_app; grant DELETE/,
    ],
    [
      "a right for everybody",
      "grant select on books to public",
      /^grant on table books to public is not .*: revoke all on table books from public\.$/,
    ],
    [
      "a right on one column",
      `grant references (title) on books to ${app}`,
      /^grant on column books\.title to user_service_app is not from a migration/,
    ],
    [
      "a role that became a member of the owner",
      `reset role; grant ${owner} to ${app}`,
      /^membership of user_service_app in role user_service_owner is not from a migration\. An administrator must put that right, as by: revoke user_service_owner from user_service_app\.$/,
    ],
    [
      "a role that may make databases",
      `reset role; alter role ${app} createdb`,
      /^attribute createdb of role user_service_app is not .*: alter role user_service_app nocreatedb\.$/,
    ],
    [
      "a type, a sequence and a schema of other making",
      "alter domain isbn set not null; alter sequence orders increment 2; create schema extra",
      /^domain isbn was changed.*\nschema extra is not .*\nsequence orders was changed/,
    ],
    [
      "a foreign key whose triggers are switched off",
      "reset role; alter table shelves disable trigger all",
      /^constraint shelves_book_id_fkey on shelves was changed from "FOREIGN KEY .*" to "FOREIGN KEY .* not enforced: triggers disabled"/,
    ],
    [
      "a rule that nobody wrote",
      "create rule keep as on delete to books do instead nothing",
      /^rule keep on books is not from a migration\. .*: drop rule keep on books\.$/,
    ],
    [
      "a function of another owner, which no file can replace",
      "reset role; alter function touch() owner to postgres",
      /^function touch\(\) was changed\. An administrator must put that right, as by: alter function touch\(\) owner to user_service_owner\.$/,
    ],
    [
      "a table of another owner",
      "reset role; alter table shelves owner to postgres",
      /table shelves was changed .* An administrator .*: alter table shelves owner to user_service_owner\.$/m,
    ],
    [
      "row security that is switched on",
      "alter table books enable row level security",
      /^table books was changed from "owner user_service_owner" to "owner user_service_owner row security"/,
    ],
  ];
  for (const [title, sql, expected] of byHand) {
    it(`names ${title}`, async () => {
      try {
        await asOwner(sql);
        assert.match((await driftOf(subject.target)).join("\n"), expected);
      } finally {
        // Roles are the cluster's and outlive the test's database.
        await subject.rows(`revoke ${owner} from ${app}; alter role ${app} nocreatedb`);
      }
    });
  }

  it("leaves out partitions, which upkeep makes", async () => {
    await asOwner("create table days (day date) partition by range (day)");
    const before = await driftOf(subject.target);
    await asOwner(`
      create table days_1 partition of days for values from ('2026-01-01') to ('2026-02-01');
      create index on days_1 (day);
      grant select on days_1 to ${app}`);
    assert.deepEqual(await driftOf(subject.target), before);
  });

  it("in what repeatable files make is put right by the next run", async () => {
    await asOwner("drop function touch() cascade; comment on table books is null");
    const status = await inspect(subject.target, migrations(FILES));
    assert.deepEqual(
      status.repeatables.map(({ file, reason }) => [file.name, reason]),
      [["repeatable/01_functions.sql", "drift"]],
    );
    const { applied, repeated } = await migrate(subject.target, migrations(FILES));
    assert.deepEqual([applied, repeated], [[], ["repeatable/01_functions.sql"]]);
    assert.deepEqual(await driftOf(subject.target), []);
  });

  it("stays in view over a run of other files", async () => {
    await asOwner("drop index books_pages_idx; create table notes (id integer)");
    const more = { ...FILES, "0002_add_author.sql": "alter table books add column author text" };
    await migrate(subject.target, migrations(more));
    const { drift } = await inspect(subject.target, migrations(more));
    assert.deepEqual(
      drift?.map(({ object, state }) => [object, state]),
      [
        ["index books_pages_idx on books", "missing"],
        ["table notes", "extra"],
      ],
    );
  });

  it("is settled by a migration that does what the message says", async () => {
    await asOwner("drop index books_pages_idx; alter table books add column note text");
    const statements = (await driftOf(subject.target)).map((sentence) =>
      sentence.slice(sentence.indexOf("as by: ") + 7).replace(/\.$/, ";"),
    );
    assert.equal(statements.length, 2);
    const more = { ...FILES, "0002_settle.sql": statements.join("\n") };
    await migrate(subject.target, migrations(more));
    assert.deepEqual(await driftOf(subject.target), []);
  });

  const settled: [title: string, sql: string, count: number][] = [
    [
      "comments",
      "comment on table shelves is 's'; comment on column books.pages is 'p'; comment on index books_pages_idx is 'i'",
      3,
    ],
    [
      "rights on a view, an aggregate and a column",
      `grant select on listed to public; grant execute on function longest(text) to user_service_readonly; grant update (pages) on books to ${app}`,
      3,
    ],
    [
      "rights that are gone",
      `revoke all (title) on books from user_service_readonly; revoke select, delete on books from ${app}`,
      2,
    ],
    [
      "rules and policies",
      "create rule keep as on delete to books do instead nothing; create policy p on books using (true)",
      2,
    ],
  ];
  for (const [title, sql, count] of settled) {
    it(`is settled by what the message says of ${title}`, async () => {
      await asOwner(sql);
      const statements = (await driftOf(subject.target)).map(
        (sentence) => /as by: (.*)\.$/.exec(sentence)?.[1],
      );
      assert.equal(statements.length, count, statements.join("\n"));
      await asOwner(statements.join("; "));
      assert.deepEqual(await driftOf(subject.target), []);
    });
  }

  it("is told apart from what a failed run had already applied", async () => {
    await asOwner("drop index books_pages_idx");
    const failing = {
      ...FILES,
      "0002_add_author.sql": "alter table books add column author text",
      "0003_fail.sql": "select 1 / 0",
    };
    await assert.rejects(migrate(subject.target, migrations(failing)), /22012/);
    const { drift } = await inspect(subject.target, migrations(FILES), { allowOutOfOrder: true });
    assert.deepEqual(
      drift?.map(({ object }) => object),
      ["index books_pages_idx on books"],
    );
  });

  it("is not known after a run whose end nobody saw, until the next one", async () => {
    await subject.rows("delete from migrations.ledger where kind = 'repeatable'");
    assert.equal((await inspect(subject.target, migrations(FILES))).drift, undefined);
    await migrate(subject.target, migrations(FILES));
    assert.deepEqual(await driftOf(subject.target), []);
  });

  it("is compared on a ledger that an earlier runner made, from its next run on", async () => {
    await subject.rows("drop table migrations.snapshot");
    assert.equal((await inspect(subject.target, migrations(FILES))).drift, undefined);
    await migrate(subject.target, migrations(FILES));
    assert.deepEqual(await driftOf(subject.target), []);
  });

  it("is hidden from the application's roles with the snapshot it is found by", async () => {
    await assert.rejects(subject.database.pool("app").query("select from migrations.snapshot"), {
      code: "42501",
    });
  });
});
