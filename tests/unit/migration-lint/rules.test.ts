import assert from "node:assert/strict";

import { lint, NO_TRANSACTION, rulesOf } from "./support/migrations";

type Case = [rule: string, dangerous: string, harmless: string];

const LOCKING: Case[] = [
  [
    "require-concurrent-index-creation",
    "create index i on things (a);",
    `${NO_TRANSACTION}create index concurrently i on things (a);`,
  ],
  [
    "require-concurrent-index-deletion",
    "drop index i;",
    `${NO_TRANSACTION}drop index concurrently i;`,
  ],
  [
    "require-concurrent-reindex",
    "reindex table things;",
    `${NO_TRANSACTION}reindex table concurrently things;`,
  ],
  [
    "require-concurrent-partition-detach",
    "alter table things detach partition old_things;",
    `${NO_TRANSACTION}alter table things detach partition old_things concurrently;`,
  ],
  [
    "constraint-missing-not-valid",
    "alter table things add constraint c check (a > 0);",
    "alter table things add constraint c check (a > 0) not valid;",
  ],
  [
    "constraint-missing-not-valid",
    "alter table things add constraint c check (a > 0) not valid;\nalter table things validate constraint c;",
    "alter table things validate constraint c;",
  ],
  [
    "adding-foreign-key-constraint",
    "alter table things add constraint c foreign key (a) references others (id) on delete restrict;",
    "alter table things add constraint c foreign key (a) references others (id) on delete restrict not valid;",
  ],
  [
    "disallowed-unique-constraint",
    "alter table things add constraint c unique (a);",
    "alter table things add constraint c unique using index i;",
  ],
  [
    "adding-field-with-default",
    "alter table things add column a uuid default gen_random_uuid();",
    "alter table things add column a timestamptz default now();",
  ],
  [
    "adding-not-nullable-field",
    "alter table things alter column a set not null;",
    "alter table things add constraint c check (a is not null) not valid;",
  ],
  [
    "adding-required-field",
    "alter table things add column a text not null;",
    "alter table things add column a text not null default '';",
  ],
  [
    "adding-serial-primary-key-field",
    "alter table things add primary key (a);",
    "alter table things add constraint things_pkey primary key using index i;",
  ],
  [
    "changing-column-type",
    "alter table things alter column a type text;",
    "alter table things alter column a set default '';",
  ],
  [
    "ban-alter-domain-with-add-constraint",
    "alter domain label add constraint c check (value <> '');",
    "alter domain label set default '-';",
  ],
  [
    "ban-lock-table",
    "lock table things in access exclusive mode;",
    "select 1 from things for update;",
  ],
  ["ban-table-rewrite", "cluster things using i;", "analyze things;"],
  ["ban-table-rewrite", `${NO_TRANSACTION}vacuum full things;`, `${NO_TRANSACTION}vacuum things;`],
  [
    "ban-table-rewrite",
    `${NO_TRANSACTION}vacuum (analyze, full) things;`,
    `${NO_TRANSACTION}vacuum (analyze, full off) things;`,
  ],
  [
    "ban-table-rewrite",
    "refresh materialized view totals;",
    "refresh materialized view concurrently totals;",
  ],
  ...["set logged", "set unlogged", "set access method heap", "set tablespace disk"].map(
    (command): Case => [
      "ban-table-rewrite",
      `alter table things ${command};`,
      "alter table things set (fillfactor = 90);",
    ],
  ),
];

const DESTRUCTIVE: Case[] = [
  ["ban-drop-database", `${NO_TRANSACTION}drop database d;`, "drop view v;"],
  ["ban-drop-table", "drop table things;", "drop view v;"],
  ["ban-drop-column", "alter table things drop column a;", "alter table things add column a text;"],
  [
    "ban-drop-not-null",
    "alter table things alter column a drop not null;",
    "alter table things alter column a drop default;",
  ],
  [
    "renaming-column",
    "alter table things rename column a to b;",
    "alter table things rename constraint a to b;",
  ],
  ["renaming-table", "alter table things rename to others;", "alter index i rename to j;"],
  ["ban-truncate-cascade", "truncate things cascade;", "delete from things where a = 1;"],
  ["ban-truncate", "truncate things;", "delete from things where a = 1;"],
  ["ban-delete-without-where", "delete from things;", "delete from things where a = 1;"],
  [
    "ban-delete-without-where",
    "with gone as (delete from things returning *) insert into others select * from gone;",
    "with gone as (delete from things where a = 1 returning *) insert into others select * from gone;",
  ],
  [
    "ban-update-without-where",
    "update things set a = 1;",
    "insert into things (a) values (1) on conflict (a) do update set a = 2;",
  ],
  ["ban-drop-schema", "drop schema s;", "create schema s;"],
  ["ban-drop-owned", "drop owned by somebody;", "revoke all on things from somebody;"],
  ["ban-drop-cascade", "drop view v cascade;", "drop view v;"],
  ["ban-drop-cascade", "drop type kind cascade;", "drop type kind restrict;"],
  [
    "ban-drop-cascade",
    "alter table things drop constraint c cascade;",
    "alter table things drop constraint c;",
  ],
  [
    "ban-do-block",
    "do $$ begin drop table things; end $$;",
    // Runs when the function is called, not with the file.
    "create function f() returns void language sql begin atomic delete from things; end;",
  ],
];

const TYPES: Case[] = [
  ["prefer-bigint-over-int", "create table things (a int);", "create table things (a bigint);"],
  [
    "prefer-bigint-over-smallint",
    "create table things (a smallint);",
    "create table things (a bigint);",
  ],
  [
    "prefer-identity",
    "create table things (a bigserial);",
    "create table things (a bigint generated always as identity);",
  ],
  ["prefer-text-field", "create table things (a varchar(9));", "create table things (a text);"],
  [
    "prefer-timestamp-tz",
    "create table things (a timestamp);",
    "create table things (a timestamptz);",
  ],
  ["ban-char-field", "create table things (a char(3));", "create table things (a text);"],
  [
    "ban-create-domain-with-constraint",
    "create domain label as text check (value <> '');",
    "create domain label as text;",
  ],
  [
    "require-enum-value-ordering",
    "alter type kind add value 'X';",
    "alter type kind add value 'X' after 'W';",
  ],
  [
    "identifier-too-long",
    `create table ${"a".repeat(64)} (a text);`,
    `create table ${"a".repeat(63)} (a text);`,
  ],
  ["syntax-error", "create tabel things (a text);", "create table things (a text);"],
];

describe("the lint of migrations", () => {
  for (const [kind, cases] of Object.entries({
    "that lock": LOCKING,
    "that destroy": DESTRUCTIVE,
    "that choose names and types": TYPES,
  })) {
    describe(`of statements ${kind}`, () => {
      for (const [rule, dangerous, harmless] of cases) {
        const [found, notFound] = [dangerous, harmless].map((sql) => sql.replace("\n", " "));
        it(`finds ${rule} in "${found}" and nothing in "${notFound}"`, async () => {
          const rules = await rulesOf(dangerous);
          assert.ok(rules.includes(rule), `found: ${rules.join(", ") || "nothing"}`);
          assert.deepStrictEqual(await rulesOf(harmless), []);
        });
      }
    });
  }

  const ours: [reason: string, sql: string][] = [
    [
      "a file without timeouts, `if not exists` or schema: the runner sets timeouts and schema, and a surprise must fail",
      "create table things (a text);",
    ],
    [
      "an index on a table that the same file creates",
      "create table t (a text);\ncreate index i on t (a);",
    ],
    [
      "functions and triggers that run again",
      "create or replace trigger t before update on things for each row execute function f();",
    ],
  ];
  for (const [reason, sql] of ours) {
    it(`accepts ${reason}`, async () => {
      assert.deepStrictEqual(await rulesOf(sql), []);
    });
  }

  const refusingTransactions = [
    "create index concurrently i on things (a);",
    "create unique index concurrently i on things (a);",
    "drop index concurrently i;",
    "reindex index concurrently i;",
    "reindex (concurrently) table things;",
    "reindex schema concurrently public;",
    "alter table things detach partition old_things concurrently;",
    "vacuum things;",
    "alter system set work_mem = '8MB';",
    "create database d;",
  ];
  for (const sql of refusingTransactions) {
    it(`finds "${sql}" in a file that runs in a transaction, and not in one that is marked`, async () => {
      assert.deepStrictEqual(await rulesOf(sql), ["require-no-transaction"]);
      assert.deepStrictEqual(await rulesOf(NO_TRANSACTION + sql), []);
    });
  }

  it("knows that a reindex of a whole schema refuses a transaction", async () => {
    const found = await rulesOf("reindex schema public;");
    assert.ok(found.includes("require-no-transaction"), found.join());
  });

  it("counts the place in characters, not in bytes", async () => {
    const [finding] = await lint("select 'ünï';\n/* 𝄞é */ alter table things drop column a;\n");
    assert.deepStrictEqual([finding.line, finding.column], [2, 29]);
  });

  it("places a finding about a statement at its start", async () => {
    const [finding] = await lint("-- é\n\n/* 𝄞 */ select 1; delete\n  from things;\n");
    assert.deepStrictEqual(
      [finding.rule, finding.line, finding.column],
      ["ban-delete-without-where", 3, 19],
    );
  });

  it("reports a syntax error once, in PostgreSQL's words and at its place", async () => {
    const [finding, ...more] = await lint("select 'é';\nselect 'ü' as (;\n");
    assert.deepStrictEqual(more, []);
    assert.deepStrictEqual(
      { ...finding },
      {
        file: "0001_change_things.sql",
        line: 2,
        column: 15,
        rule: "syntax-error",
        message: 'syntax error at or near "("',
      },
    );
  });

  it("orders the findings of a file by their place", async () => {
    const found = await rulesOf("delete from things;\ndrop table others;\ntruncate things;\n");
    assert.deepStrictEqual(found, ["ban-delete-without-where", "ban-drop-table", "ban-truncate"]);
  });
});
