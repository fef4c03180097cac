import assert from "node:assert/strict";

import { roleNames } from "../../../components/postgres/roles";
import { rightsDesign } from "../../../components/postgres/service-rights";
import { inspect, migrate, type MigrationTarget, repair } from "../../../migrator";
import { type Contents, createSubject, migrations, type Subject } from "./support";

const FILES: Contents = {
  "0001_create_books.sql": `
    create table books (id integer generated always as identity, title text);
    create view listed as select id from books;
    create sequence orders;
    create function longer(a text, b text) returns text language sql return greatest(a, b);
    create table days (day date) partition by range (day);
    create table days_1 partition of days for values from ('2026-01-01') to ('2026-02-01');
    create extension if not exists pg_trgm;`,
};
const MORE = { ...FILES, "0002_create_pages.sql": "create table pages (id integer);" };

describe("rights", () => {
  let subject: Subject;
  let target: MigrationTarget;
  const asOwner = (sql: string) => subject.rows(`set role ${target.owner}; ${sql}; reset role`);
  const faults = async (files = FILES) =>
    (await inspect(target, migrations(files))).rights.map(({ object, state }) => [object, state]);
  const ask = (role: "app" | "readonly", sql: string) => subject.database.pool(role).query(sql);

  beforeEach(async () => {
    subject = await createSubject();
    const names = roleNames(subject.database.prefix);
    target = { ...subject.target, rights: rightsDesign(names) };
    await migrate(target, migrations(FILES));
  });
  afterEach(() => subject.database.drop());

  it("match the design after a run", async () => {
    assert.deepEqual(await faults(), []);
    assert.deepEqual((await inspect(target, migrations(FILES))).drift, []);
  });

  it("are restored after the owner made the schema again, before the files run", async () => {
    await subject.rows(`set role ${target.owner}; drop schema public cascade;
      drop schema migrations cascade; create schema public; reset role`);
    assert.deepEqual(
      (await faults()).map(([object]) => object),
      [
        "grant on future functions to user_service_app",
        "grant on future sequences to user_service_app",
        "grant on future sequences to user_service_readonly",
        "grant on future tables to user_service_app",
        "grant on future tables to user_service_readonly",
        "grant on schema public to user_service_app",
        "grant on schema public to user_service_readonly",
      ],
    );
    await migrate(target, migrations(FILES));
    assert.deepEqual(await faults(), []);
    await ask(
      "app",
      "insert into books (title) values ('a'); select nextval('orders'), longer('a', 'b')",
    );
    await ask("readonly", "select from books");
    await assert.rejects(ask("readonly", "delete from books"), { code: "42501" });
    await assert.rejects(ask("app", "truncate books"), { code: "42501" });
  });

  it("are restored if the schema itself is missing", async () => {
    await subject.rows("drop schema public cascade; drop schema migrations cascade");
    assert.deepEqual((await faults())[0], ["schema public", "missing"]);
    await migrate(target, migrations({ "0001_a.sql": "create table a (id integer)" }));
    assert.deepEqual(await faults({ "0001_a.sql": "create table a (id integer)" }), []);
    await ask("app", "select from a");
  });

  const app = "user_service_app";
  const changes: [title: string, sql: string, object: string, state: string][] = [
    [
      "a right of PUBLIC to connect",
      "grant connect on database DATABASE to public",
      "grant on database DATABASE to public",
      "extra",
    ],
    [
      "no right to connect",
      `revoke connect on database DATABASE from ${app}`,
      `grant on database DATABASE to ${app}`,
      "missing",
    ],
    [
      "a right to create",
      `grant create on schema public to ${app}`,
      `grant on schema public to ${app}`,
      "altered",
    ],
    [
      "no right to use the schema",
      `revoke usage on schema public from ${app}`,
      `grant on schema public to ${app}`,
      "missing",
    ],
    [
      "a right to truncate",
      `grant truncate on books to ${app}`,
      `grant on table books to ${app}`,
      "altered",
    ],
    [
      "a right on a partition",
      "grant select on days_1 to public",
      "grant on table days_1 to public",
      "extra",
    ],
    [
      "no right on a view",
      "revoke select on listed from user_service_readonly",
      "grant on view listed to user_service_readonly",
      "missing",
    ],
    [
      "a right of the migrator itself",
      "grant select on books to user_service_migrator",
      "grant on table books to user_service_migrator",
      "extra",
    ],
    [
      "no right on a sequence",
      `revoke all on sequence orders from ${app}`,
      `grant on sequence orders to ${app}`,
      "missing",
    ],
    [
      "a function for PUBLIC",
      "grant execute on function longer to public",
      "grant on function longer(a text, b text) to public",
      "extra",
    ],
    [
      "an owner without a right",
      "revoke delete on books from user_service_owner",
      "grant on table books to user_service_owner",
      "altered",
    ],
    [
      "a grant option",
      `grant select on books to ${app} with grant option`,
      `grant on table books to ${app}`,
      "altered",
    ],
    [
      "a default privilege for PUBLIC",
      "alter default privileges in schema public grant select on tables to public",
      "grant on future tables to public",
      "extra",
    ],
    [
      "a default privilege on functions for PUBLIC",
      "alter default privileges grant execute on functions to public",
      "grant on future functions of all schemas to public",
      "extra",
    ],
    [
      "a missing default privilege",
      `alter default privileges in schema public revoke delete on tables from ${app}`,
      `grant on future tables to ${app}`,
      "altered",
    ],
  ];
  for (const [title, sql, object, state] of changes) {
    it(`are compared, reported by name and restored by the next run: ${title}`, async () => {
      const named = (text: string) => text.replace("DATABASE", target.database);
      await asOwner(named(sql));
      assert.deepEqual(await faults(), [[named(object), state]]);
      assert.deepEqual((await inspect(target, migrations(FILES))).drift, []);
      await migrate(target, migrations(FILES));
      assert.deepEqual(await faults(), []);
    });
  }

  it("that the owner cannot fix fail a run after its files, with the command for an administrator", async () => {
    await subject.rows(`alter schema public owner to postgres; revoke usage on schema public from ${app};
      grant create, usage on schema public to ${target.owner}`);
    await assert.rejects(migrate(target, migrations(MORE)), (error: Error) => {
      assert.equal(error.name, "MigrationRightsError");
      assert.match(
        error.message,
        /^The rights on \S+ differ from the design, and its owner cannot fix them:\n {2}grant on schema public to user_service_app should be USAGE, but is none\. .* an administrator must run: grant USAGE on schema public to user_service_app\./,
      );
      return true;
    });
    const { pending, rights } = await inspect(target, migrations(MORE));
    assert.equal(pending.length, 0);
    for (const { statement } of rights) {
      await subject.rows(statement);
    }
    assert.deepEqual(await faults(MORE), []);
  });

  it("that a migration grants or revokes stay as it left them, and are compared with that", async () => {
    const files = {
      ...MORE,
      "0003_keep_pages.sql": `revoke delete on pages from ${app};
        grant execute on function longer(text, text) to user_service_readonly;`,
    };
    await migrate(target, migrations(files));
    assert.deepEqual(await faults(files), []);
    await migrate(target, migrations(files));
    await assert.rejects(ask("app", "delete from pages"), { code: "42501" });
    await asOwner(`grant delete on pages to ${app}`);
    const { drift, rights } = await inspect(target, migrations(files));
    assert.deepEqual(
      [drift?.map(({ object }) => object), rights],
      [[`grant on table pages to ${app}`], []],
    );
  });

  it("that were changed by hand stay once they are accepted", async () => {
    await asOwner("grant select on books to public");
    await repair(target, migrations(FILES), [{ kind: "accept-drift" }]);
    assert.deepEqual(await faults(), []);
    await migrate(target, migrations(MORE));
    await ask("readonly", "select from books");
    assert.deepEqual(await faults(MORE), []);
    await asOwner("grant insert on books to public");
    assert.deepEqual(await faults(MORE), [["grant on table books to public", "extra"]]);
  });
});
