import assert from "node:assert/strict";

import { baseline, inspect, migrate, planBaseline, repair } from "../../../migrator";
import { migrations, recorded, whileOpen, withSubject, witnesses } from "./support";

const CREATE = { "0001_create_books.sql": "create table books (id integer);" };
const BOTH = { ...CREATE, "0002_add_title.sql": "alter table books add column title text;" };

describe("the baseline of a database that already has the schema", () => {
  it(
    "records the files without running them, so that only later ones run",
    withSubject(async ({ target, rows }) => {
      await rows(`set role ${target.owner}; create table books (id integer)`);
      await baseline(target, planBaseline(migrations(BOTH), "1"));
      const status = await inspect(target, migrations(BOTH));
      assert.deepEqual(
        [status.applied, status.pending].map((files) => files.map(({ name }) => name)),
        [["0001_create_books.sql"], ["0002_add_title.sql"]],
      );
      assert.deepEqual(status.drift, []);
      assert.deepEqual((await migrate(target, migrations(BOTH))).applied, ["0002_add_title.sql"]);
    }),
  );

  it(
    "records all versioned files if no number is given, and no repeatable one",
    withSubject(async (subject) => {
      const { target, rows } = subject;
      await rows(`set role ${target.owner}; create table books (id integer, title text)`);
      const files = migrations({ ...BOTH, "repeatable/a.sql": "select 1;" });
      await baseline(target, planBaseline(files));
      assert.deepEqual(
        (await recorded(subject)).map(({ name }) => name),
        ["0001_create_books.sql", "0002_add_title.sql"],
      );
      assert.deepEqual((await migrate(target, files)).repeated, ["repeatable/a.sql"]);
    }),
  );

  it(
    "is refused if the ledger already has files",
    withSubject(async ({ target }) => {
      await migrate(target, migrations(CREATE));
      await assert.rejects(
        baseline(target, planBaseline(migrations(BOTH))),
        /already has a ledger with 1 versioned files, starting with 0001_create_books\.sql/,
      );
    }),
  );

  it(
    "is refused if there is nothing to adopt, and leaves no ledger",
    withSubject(async ({ target }) => {
      const files = migrations(BOTH);
      await assert.rejects(
        baseline(target, planBaseline(files)),
        /has no table, so there is nothing to adopt/,
      );
      assert.equal((await inspect(target, files)).state, "no-ledger");
    }),
  );

  it("is refused for a number that no file has", () => {
    assert.throws(
      () => planBaseline(migrations(BOTH), "7"),
      /No file has the number 7; the files have 0001 to 0002/,
    );
  });
});

describe("the repair of a ledger", () => {
  it(
    "records the current hash of an edited file",
    withSubject(async ({ target }) => {
      await migrate(target, migrations(CREATE));
      const edited = migrations({ "0001_create_books.sql": "create table books (id integer); --" });
      assert.equal((await inspect(target, edited)).faults.length, 1);
      await repair(target, edited, [{ kind: "accept", name: "0001_create_books.sql" }]);
      const { faults, applied, drift } = await inspect(target, edited);
      assert.deepEqual([faults.length, applied.length, drift], [0, 1, []]);
    }),
  );

  it(
    "deletes the row of a removed file",
    withSubject(async ({ target }) => {
      await migrate(target, migrations(BOTH));
      await repair(target, migrations(CREATE), [{ kind: "forget", name: "0002_add_title.sql" }]);
      const { faults, missing } = await inspect(target, migrations(CREATE));
      assert.deepEqual([faults, missing], [[], []]);
    }),
  );

  for (const kind of ["finished", "rerun"] as const) {
    it(
      `settles an unfinished statement as ${kind}`,
      withSubject(async ({ target, rows }) => {
        const files = migrations({
          ...witnesses(1),
          "0002_do.sql": "-- migrate: no-transaction\ndo $$ begin perform 1 / 0; end $$;",
        });
        await assert.rejects(migrate(target, files), /22012/);
        await repair(target, files, [{ kind, name: "0002_do.sql" }]);
        const { unfinished, applied, pending, faults } = await inspect(target, files);
        assert.deepEqual(
          [unfinished.length, applied.length, pending.length, faults.length],
          kind === "finished" ? [0, 2, 0, 0] : [0, 1, 1, 0],
        );
        assert.deepEqual(await rows("select number from witness"), [{ number: 1 }]);
      }),
    );
  }

  it(
    "records a pending file that was run by hand as applied, with its objects",
    withSubject(async ({ target, rows }) => {
      await migrate(target, migrations(CREATE));
      await rows(`set role ${target.owner}; alter table books add column title text`);
      const files = migrations({ ...BOTH, "0003_add_year.sql": "alter table books add year int;" });
      await repair(target, files, [
        { kind: "applied", name: "0002_add_title.sql" },
        { kind: "accept-drift" },
      ]);
      const { applied, pending, drift, faults } = await inspect(target, files);
      assert.deepEqual([applied.length, drift, faults], [2, [], []]);
      assert.deepEqual(
        pending.map(({ name }) => name),
        ["0003_add_year.sql"],
      );
      assert.deepEqual((await migrate(target, files)).applied, ["0003_add_year.sql"]);
    }),
  );

  it(
    "does not record a pending file as applied before the ones with lower numbers",
    withSubject(async ({ target }) => {
      await migrate(target, migrations(CREATE));
      const files = migrations({ ...BOTH, "0003_add_year.sql": "alter table books add year int;" });
      await assert.rejects(
        repair(target, files, [{ kind: "applied", name: "0003_add_year.sql" }]),
        /applied: 0002_add_title\.sql comes first and is pending/,
      );
      assert.equal((await inspect(target, files)).pending.length, 2);
    }),
  );

  it(
    "does not record a statement as finished if it left an invalid index",
    withSubject(async ({ target, rows }) => {
      const files = migrations({
        "0001_create_books.sql":
          "create table books (id integer); insert into books values (1), (1);",
        "0002_index.sql":
          "-- migrate: no-transaction\ncreate unique index concurrently books_id_idx on books (id);",
      });
      await assert.rejects(migrate(target, files), /23505/);
      await rows(`set role ${target.owner};
        update migrations.ledger set finished_at = null where name = '0002_index.sql'`);
      const { unfinished } = await inspect(target, files);
      assert.equal(unfinished.length, 1, "as after a kill");
      await assert.rejects(
        repair(target, files, [{ kind: "finished", name: "0002_index.sql" }]),
        /finished 0002_index\.sql: it left invalid index .*books_id_idx\. Undo it: drop index .*books_id_idx\. Do this first/,
      );
    }),
  );

  it(
    "accepts changes by hand",
    withSubject(async ({ target, rows }) => {
      const files = migrations(CREATE);
      await migrate(target, files);
      await rows(`set role ${target.owner}; alter table books add column note text`);
      assert.equal((await inspect(target, files)).drift?.length, 1);
      await repair(target, files, [{ kind: "accept-drift" }]);
      assert.deepEqual((await inspect(target, files)).drift, []);
    }),
  );

  it(
    "still reports changes by hand after another repair",
    withSubject(async ({ target, rows }) => {
      await migrate(target, migrations(BOTH));
      await rows(`set role ${target.owner}; create table notes (id integer)`);
      await repair(target, migrations(CREATE), [{ kind: "forget", name: "0002_add_title.sql" }]);
      assert.deepEqual(
        (await inspect(target, migrations(CREATE))).drift?.map(({ object }) => object),
        ["table notes"],
      );
    }),
  );

  it(
    "still reports them after it allowed a failed statement to run again",
    withSubject(async ({ target, rows }) => {
      await migrate(target, migrations(CREATE));
      await rows(`set role ${target.owner}; create table notes (id integer)`);
      const failing = migrations({
        ...CREATE,
        "0002_do.sql": "-- migrate: no-transaction\ndo $$ begin perform 1 / 0; end $$;",
      });
      await assert.rejects(migrate(target, failing), /22012/);
      assert.equal((await inspect(target, failing)).drift, undefined);
      await repair(target, failing, [{ kind: "rerun", name: "0002_do.sql" }]);
      assert.deepEqual(
        (await inspect(target, failing)).drift?.map(({ object }) => object),
        ["table notes"],
      );
    }),
  );

  it(
    "does nothing if one of several repairs is not possible, and says which ones are",
    withSubject(async ({ target }) => {
      await migrate(target, migrations(BOTH));
      const files = migrations(CREATE);
      await assert.rejects(
        repair(target, files, [
          { kind: "forget", name: "0002_add_title.sql" },
          { kind: "accept", name: "0001_create_books.sql" },
          { kind: "forget", name: "0003_other.sql" },
        ]),
        (error: Error) => {
          assert.match(
            error.message,
            /accept 0001_create_books\.sql: not possible for any file now/,
          );
          assert.match(
            error.message,
            /forget 0003_other\.sql: possible only for 0002_add_title\.sql/,
          );
          return true;
        },
      );
      assert.deepEqual((await inspect(target, files)).missing, ["0002_add_title.sql"]);
    }),
  );

  it(
    "does not wait long for a running migration, and changes nothing",
    withSubject(async (subject) => {
      const { target } = subject;
      const files = migrations(CREATE);
      await migrate(target, files);
      await whileOpen(subject, "select pg_advisory_lock(1280332615, 1)", async (_, other) => {
        await assert.rejects(repair(target, files, [{ kind: "accept-drift" }]), {
          name: "MigrationLockError",
        });
        await other.query("select pg_advisory_unlock(1280332615, 1)");
      });
    }),
  ).timeout(30_000);
});
