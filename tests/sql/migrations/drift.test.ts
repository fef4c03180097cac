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

  it("is empty after a run", async () => {
    assert.deepEqual(await driftOf(subject.target), []);
  });

  const app = "user_service_app";
  const owner = "user_service_owner";
  const byHand: [title: string, sql: string, expected: RegExp][] = [
    [
      "a dropped table, once and without its columns",
      "drop table shelves",
      /^table shelves is missing\. Restore it in a migration\.$/,
    ],
    [
      "a table that is in no migration",
      "create table notes (id integer)",
      /^table notes is not from a migration\. Accept it by a repair \(--accept-drift\), or drop it in a migration\.$/,
    ],
    [
      "a dropped column, with its definition",
      "alter table books drop column pages",
      /^column books\.pages is missing; migrations define it as "integer not null default 1"\. Restore it in a migration\.$/m,
    ],
    [
      "a column of another type, with both types",
      "alter table books alter column title type varchar(10)",
      /^column books\.title was changed: migrations define it as "text not null", the database has "character varying\(10\) not null"\. Restore it in a migration\.$/m,
    ],
    [
      "a column that is in no migration",
      "alter table books add column note text",
      /^column books\.note is not from a migration; the database has "text"\. Accept it by a repair \(--accept-drift\), or drop it in a migration\.$/,
    ],
    [
      "a dropped check",
      "alter table books drop constraint books_pages_check",
      /^constraint books_pages_check on books is missing; migrations define it as "CHECK \(\(pages > 0\)\)"\. Restore it in a migration\.$/,
    ],
    [
      "a foreign key with another delete action",
      "alter table shelves drop constraint shelves_book_id_fkey, add constraint shelves_book_id_fkey foreign key (book_id) references books on delete cascade",
      /^constraint shelves_book_id_fkey on shelves was changed: .* as ".*ON DELETE RESTRICT", the database has ".*ON DELETE CASCADE"/,
    ],
    [
      "a dropped index",
      "drop index books_pages_idx",
      /^index books_pages_idx on books is missing; migrations define it as "CREATE INDEX books_pages_idx ON public\.books USING btree \(pages\)"/,
    ],
    [
      "a dropped function with its trigger",
      "drop function touch() cascade",
      /^function touch\(\) is missing\. The next up restores it .*\ntrigger books_touch on books is missing; migrations define it as "CREATE TRIGGER .*"\. The next up restores it/,
    ],
    [
      "a function with another body",
      "create or replace function touch() returns trigger language plpgsql as 'begin return old; end'",
      /^function touch\(\) was changed\. The next up restores it if a repeatable file creates it; otherwise restore it in a migration\.$/,
    ],
    [
      "a disabled trigger",
      "alter table books disable trigger books_touch",
      /^trigger books_touch on books was changed: .* the database has ".* disabled"/,
    ],
    [
      "a removed comment",
      "comment on table books is null",
      /^comment on table books is missing\. The next up/,
    ],
    [
      "a changed comment",
      "comment on table books is 'Read.'",
      /^comment on table books was changed\. The next up/,
    ],
    [
      "a comment that is in no migration",
      "comment on index books_pages_idx is 'i'",
      /^comment on index books_pages_idx on books is not from a migration\. Accept it/,
    ],
    [
      "a revoked right",
      `revoke delete on books from ${app}`,
      /^grant on table books to user_service_app was changed: migrations define it as "DELETE, INSERT, SELECT, UPDATE", the database has "INSERT, SELECT, UPDATE"\./,
    ],
    [
      "a right granted to PUBLIC",
      "grant select on books to public",
      /^grant on table books to public is not from a migration; the database has "SELECT"\./,
    ],
    [
      "a right on one column",
      `grant references (title) on books to ${app}`,
      /^grant on column books\.title to user_service_app is not from a migration; the database has "REFERENCES"/,
    ],
    [
      "a revoked right on one column",
      "revoke all (title) on books from user_service_readonly",
      /^grant on column books\.title to user_service_readonly is missing; migrations define it as "SELECT with grant option"/,
    ],
    [
      "rights on a view and an aggregate",
      "grant select on listed to public; grant execute on function longest(text) to user_service_readonly",
      /^grant on aggregate longest\(text\) to user_service_readonly is not .*\ngrant on view listed to public is not/,
    ],
    [
      "a role that became a member of the owner",
      `reset role; grant ${owner} to ${app}`,
      /^membership of user_service_app in role user_service_owner is not from a migration; the database has "inherit, set"\. An administrator must remove it\.$/,
    ],
    [
      "a role that may create databases",
      `reset role; alter role ${app} createdb`,
      /^attribute createdb of role user_service_app is not from a migration\. An administrator must remove it\.$/,
    ],
    [
      "a changed type, a changed sequence and another schema",
      "alter domain isbn set not null; alter sequence orders increment 2; create schema extra",
      /^domain isbn was changed.*\nschema extra is not .*\nsequence orders was changed/,
    ],
    [
      "a foreign key whose triggers are disabled",
      "reset role; alter table shelves disable trigger all",
      /^constraint shelves_book_id_fkey on shelves was changed: .* as "FOREIGN KEY .*", the database has "FOREIGN KEY .* not enforced: triggers disabled"/,
    ],
    [
      "a rule and a policy that are in no migration",
      "create rule keep as on delete to books do instead nothing; create policy p on books using (true)",
      /^policy p on books is not from .*\nrule keep on books is not from a migration; the database has "CREATE RULE keep AS ON DELETE TO public\.books DO INSTEAD NOTHING;"/,
    ],
    [
      "a function of another owner, which no file can replace",
      "reset role; alter function touch() owner to postgres",
      /^function touch\(\) was changed: migrations define it as "owner user_service_owner", the database has "owner postgres"\. An administrator must restore it\.$/,
    ],
    [
      "a table of another owner",
      "reset role; alter table shelves owner to postgres",
      /^table shelves was changed: migrations define it as "owner user_service_owner", the database has "owner postgres"\. An administrator must restore it\.$/m,
    ],
    [
      "row security that was enabled",
      "alter table books enable row level security",
      /^table books was changed: migrations define it as "owner user_service_owner", the database has "owner user_service_owner row security"/,
    ],
    [
      "a view with another query, on one line",
      "create or replace view listed as select id from books where pages > 1",
      /^view listed was changed: .* as "owner user_service_owner SELECT .*", the database has "owner .* WHERE \(?pages > 1\)?;"\./,
    ],
  ];
  for (const [title, sql, expected] of byHand) {
    it(`names ${title}`, async () => {
      try {
        await asOwner(sql);
        assert.match((await driftOf(subject.target)).join("\n"), expected);
      } finally {
        // Roles belong to the cluster and outlive the test's database.
        await subject.rows(`revoke ${owner} from ${app}; alter role ${app} nocreatedb`);
      }
    });
  }

  it("leaves out partitions, which upkeep creates", async () => {
    await asOwner("create table days (day date) partition by range (day)");
    const before = await driftOf(subject.target);
    await asOwner(`
      create table days_1 partition of days for values from ('2026-01-01') to ('2026-02-01');
      create index on days_1 (day);
      grant select on days_1 to ${app}`);
    assert.deepEqual(await driftOf(subject.target), before);
  });

  it("in objects of repeatable files is fixed by the next run", async () => {
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

  it("is still reported after a run of other files", async () => {
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

  it("ends with a migration that restores what is missing and drops what is extra", async () => {
    await asOwner("drop index books_pages_idx; alter table books add column note text");
    assert.equal((await driftOf(subject.target)).length, 2);
    const more = {
      ...FILES,
      "0002_settle.sql": `
        create index if not exists books_pages_idx on books (pages);
        alter table books drop column if exists note;`,
    };
    await migrate(subject.target, migrations(more));
    assert.deepEqual(await driftOf(subject.target), []);
  });

  it("does not include what a failed run had already applied", async () => {
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

  it("is unknown after an interrupted run, until the next run", async () => {
    await subject.rows("delete from migrations.ledger where kind = 'repeatable'");
    assert.equal((await inspect(subject.target, migrations(FILES))).drift, undefined);
    await migrate(subject.target, migrations(FILES));
    assert.deepEqual(await driftOf(subject.target), []);
  });

  it("is known for a ledger of an earlier runner after its next run", async () => {
    await subject.rows("drop table migrations.snapshot");
    assert.equal((await inspect(subject.target, migrations(FILES))).drift, undefined);
    await migrate(subject.target, migrations(FILES));
    assert.deepEqual(await driftOf(subject.target), []);
  });

  it("stays hidden from the application's roles, as they cannot read the snapshot", async () => {
    await assert.rejects(subject.database.pool("app").query("select from migrations.snapshot"), {
      code: "42501",
    });
  });
});
