import assert from "node:assert/strict";

import { inspect, migrate, MigrationEvent } from "../../../migrator";
import { Contents, migrations, recorded, withSubject, witnessCounts, witnesses } from "./support";

const THINGS: Contents = {
  "0001_create_things.sql": "create table things (id integer primary key, note text);",
  "0002_index_things.sql":
    "-- migrate: no-transaction\ncreate index concurrently things_note_idx on things (note);",
  "0003_add_thing.sql": "insert into things values (1, 'a');",
  "repeatable/10_note.sql":
    "create or replace function note() returns text stable language sql as 'select max(note) from things';",
  "repeatable/20_comments.sql": "comment on table things is 'Things.';",
};

describe("applying migrations", () => {
  it(
    "applies versioned files in order, then repeatable ones, and records each",
    withSubject(async (subject) => {
      const result = await migrate(subject.target, migrations(THINGS));
      assert.deepEqual(result.applied, [
        "0001_create_things.sql",
        "0002_index_things.sql",
        "0003_add_thing.sql",
      ]);
      assert.deepEqual(result.repeated, ["repeatable/10_note.sql", "repeatable/20_comments.sql"]);
      assert.deepEqual(
        (await recorded(subject)).map(({ name }) => name),
        [...result.applied, ...result.repeated],
      );
      assert.deepEqual(await subject.rows("select note()"), [{ note: "a" }]);
    }),
  );

  it(
    "does nothing the second time",
    withSubject(async ({ target, rows }) => {
      const files = migrations(THINGS);
      await migrate(target, files);
      const ledger = "select name, checksum, started_at, finished_at from migrations.ledger";
      const before = await rows(ledger);
      const second = await migrate(target, files);
      assert.deepEqual([second.applied, second.repeated], [[], []]);
      assert.deepEqual(await rows(ledger), before);
    }),
  );

  it(
    "runs a repeatable file again only if its text changed or it was removed and came back",
    withSubject(async ({ target, rows }) => {
      await migrate(target, migrations(THINGS));
      const changed: Contents = {
        ...THINGS,
        "repeatable/20_comments.sql": "comment on table things is 'All things.';",
      };
      const status = await inspect(target, migrations(changed));
      assert.deepEqual(
        status.repeatables.map(({ file, reason }) => [file.name, reason]),
        [["repeatable/20_comments.sql", "changed"]],
      );
      assert.deepEqual((await migrate(target, migrations(changed))).repeated, [
        "repeatable/20_comments.sql",
      ]);
      assert.deepEqual(await rows("select obj_description('things'::regclass) as is"), [
        { is: "All things." },
      ]);

      const { "repeatable/10_note.sql": note, ...without } = changed;
      assert.deepEqual((await migrate(target, migrations(without))).repeated, []);
      const back = migrations({ ...without, "repeatable/10_note.sql": String(note) });
      assert.deepEqual((await migrate(target, back)).repeated, ["repeatable/10_note.sql"]);
    }),
  );

  it(
    "keeps and records the files before a failing one, and continues from there",
    withSubject(async (subject) => {
      const contents = witnesses(5);
      const broken = {
        ...contents,
        "0003_add_witness.sql": "insert into witness values (3);\nselect 1 / 0;",
      };
      await assert.rejects(migrate(subject.target, migrations(broken)), {
        name: "MigrationStatementError",
        applied: ["0001_add_witness.sql", "0002_add_witness.sql"],
        repeated: [],
        place: { line: 2, column: 1, snippet: ["2 | select 1 / 0;", "  | ^"] },
      });
      assert.deepEqual([...(await witnessCounts(subject)).keys()], [1, 2]);
      assert.equal((await recorded(subject)).length, 2);

      const { applied } = await migrate(subject.target, migrations(contents));
      assert.equal(applied.length, 3);
      assert.deepEqual([...(await witnessCounts(subject)).values()], [1, 1, 1, 1, 1]);
    }),
  );

  it(
    "creates every object as the owner, whatever the settings of a file or the database are",
    withSubject(async ({ target, rows }) => {
      await rows(`alter database ${target.database} set search_path = elsewhere`);
      await migrate(
        target,
        migrations({
          "0001_leave_settings.sql":
            "create schema elsewhere; create table a (); set search_path = elsewhere; set lock_timeout = 1; set work_mem = '3MB'; reset role;",
          "0002_create_table.sql":
            "create table b (); create table settings as select current_setting('lock_timeout') as lock, current_setting('search_path') as path, current_setting('timezone') as zone, current_setting('work_mem') as memory;",
          "0003_leave_settings.sql":
            "-- migrate: no-transaction\nset session search_path = elsewhere;",
          "0004_create_table.sql": "create table c ();",
        }),
      );
      assert.deepEqual(
        await rows(
          "select schemaname, tablename, tableowner from pg_tables where schemaname !~ '^(pg_|information)' order by 2",
        ),
        [
          ["public", "a"],
          ["public", "b"],
          ["public", "c"],
          ["migrations", "ledger"],
          ["public", "settings"],
          ["migrations", "snapshot"],
        ].map(([schemaname, tablename]) => ({ schemaname, tablename, tableowner: target.owner })),
      );
      assert.deepEqual(await rows("select * from public.settings"), [
        { lock: "500ms", path: "public, pg_temp", zone: "UTC", memory: "4MB" },
      ]);
    }),
  );

  it(
    "gives no other role rights on the ledger, whatever the owner's default privileges are",
    withSubject(async ({ target, rows, database }) => {
      const app = `${database.prefix}_app`;
      await rows(
        `alter default privileges for role ${target.owner} grant all on tables to ${app}, public;
         alter default privileges for role ${target.owner} grant all on schemas to ${app}, public`,
      );
      await migrate(target, migrations(THINGS));
      assert.deepEqual(
        await rows(
          `select distinct grantee::regrole::text from pg_class, aclexplode(relacl) where oid = 'migrations.ledger'::regclass
           union select grantee::regrole::text from pg_namespace, aclexplode(nspacl) where nspname = 'migrations'`,
        ),
        [{ grantee: target.owner }],
      );
      await assert.rejects(database.pool("app").query("select from migrations.ledger"), {
        code: "42501",
      });
    }),
  );

  it(
    "reports its progress file by file, with the server's notices",
    withSubject(async ({ target }) => {
      const events: MigrationEvent[] = [];
      await migrate(
        target,
        migrations({
          "0001_a.sql": "do $$ begin raise warning 'slow'; end $$;",
          "repeatable/b.sql": "select 1;",
        }),
        { onProgress: (event) => events.push(event) },
      );
      assert.deepEqual(
        events.map((event) => ({ ...event, durationMs: undefined })),
        [
          { kind: "started", file: "0001_a.sql", index: 1, total: 2 },
          { kind: "notice", file: "0001_a.sql", severity: "WARNING", message: "slow" },
          { kind: "finished", file: "0001_a.sql", index: 1, total: 2 },
          { kind: "started", file: "repeatable/b.sql", index: 2, total: 2 },
          { kind: "finished", file: "repeatable/b.sql", index: 2, total: 2 },
        ].map((event) => ({ ...event, durationMs: undefined })),
      );
    }),
  );

  it(
    "lists pending files if there is no ledger or no database yet",
    withSubject(async ({ target }) => {
      const files = migrations(THINGS);
      const pending = ["0001_create_things.sql", "0002_index_things.sql", "0003_add_thing.sql"];
      for (const [state, database] of [
        ["no-ledger", target.database],
        ["no-database", "not_there"],
      ] as const) {
        const status = await inspect({ ...target, database }, files);
        assert.equal(status.state, state);
        assert.deepEqual(
          status.pending.map(({ name }) => name),
          pending,
        );
        assert.equal(status.repeatables.length, 2);
        assert.deepEqual(status.faults, []);
      }
    }),
  );

  it("refuses limits that are not whole milliseconds", async () => {
    const target = { host: "", port: 1, database: "", user: "", password: "", owner: "" };
    await assert.rejects(migrate(target, migrations(THINGS), { lockTimeoutMs: 0.5 }), {
      name: "MigrationError",
      message: "lockTimeoutMs must be a whole number of milliseconds from 0 to 2147483647, got 0.5",
    });
  });
});

describe("a run of 500 files and a file of 10,000 lines", () => {
  it(
    "reads the status of 500 applied migrations in under a second, and runs without changes in another",
    withSubject(async (subject) => {
      const files = migrations(witnesses(500));
      assert.equal((await migrate(subject.target, files)).applied.length, 500);
      const began = performance.now();
      const status = await inspect(subject.target, files);
      const elapsed = performance.now() - began;
      assert.equal(status.applied.length, 500);
      assert.ok(elapsed < 1000, `took ${elapsed} ms`);

      const again = performance.now();
      const { applied, repeated } = await migrate(subject.target, files);
      const idle = performance.now() - again;
      assert.deepEqual([applied, repeated], [[], []]);
      assert.ok(idle < 1000, `took ${idle} ms to do nothing`);
    }),
  ).timeout(30_000);

  it(
    "applies a file of 10,000 statements, and points at the last line if that one fails",
    withSubject(async (subject) => {
      const lines = Array.from({ length: 9_999 }, (_, line) => `insert into t values (${line});`);
      const text = ["create table t (id integer primary key);", ...lines].join("\n");
      await assert.rejects(
        migrate(subject.target, migrations({ "0001_a.sql": `${text}\ninsert into t values (7);` })),
        {
          place: {
            line: 10_001,
            column: 1,
            snippet: ["10001 | insert into t values (7);", "      | ^"],
          },
          message: /0001_a.sql:10001:1  23505/,
        },
      );
      await migrate(subject.target, migrations({ "0001_a.sql": text }));
      assert.deepEqual(await subject.rows("select count(*)::integer from t"), [{ count: 9_999 }]);
    }),
  ).timeout(30_000);
});
