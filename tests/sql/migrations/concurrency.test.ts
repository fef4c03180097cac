import assert from "node:assert/strict";

import { inspect, migrate, MigrationEvent, MigrationLockError } from "../../../migrator";
import { parseProjectDefaults } from "../../e2e/support/project";
import {
  migrations,
  recorded,
  until,
  whileOpen,
  withSubject,
  witnessCounts,
  witnesses,
} from "./support";

const INDEX = "-- migrate: no-transaction\ncreate index concurrently i on witness (number);";

describe("runs at the same time", () => {
  it(
    "apply each of 30 files once with 20 runners",
    withSubject(async (subject) => {
      const files = migrations({ ...witnesses(30), "repeatable/a.sql": "select 1;" });
      const results = await Promise.all(
        Array.from({ length: 20 }, () => migrate(subject.target, files)),
      );
      assert.equal(results.flatMap(({ applied }) => applied).length, 30);
      assert.equal(results.flatMap(({ repeated }) => repeated).length, 1);
      const counts = await witnessCounts(subject);
      assert.deepEqual([...counts.values()], Array(30).fill(1));
      assert.equal((await recorded(subject)).length, 31);
    }),
  ).timeout(30_000);

  it(
    "name the holder if the lock is not released in time, and run nothing",
    withSubject(async ({ target, rows }) => {
      const slow = migrate(target, migrations({ "0001_a.sql": "select pg_sleep(1);" }));
      const holder = await until(async () => (await inspect(target, noFiles)).holder);
      // The lock is taken before the file runs.
      const actual = await until(async () => {
        const [sleeper] = await rows<{ pid: number; since: Date }>(
          "select pid, backend_start as since from pg_stat_activity where query ~ 'pg_sleep' and pid <> pg_backend_pid()",
        );
        return sleeper;
      });
      const events: MigrationEvent[] = [];
      await assert.rejects(
        migrate(target, migrations({ "0001_a.sql": "select 2;" }), {
          waitForLockMs: 200,
          onProgress: (event) => events.push(event),
        }),
        (error: unknown) => {
          assert.ok(error instanceof MigrationLockError);
          assert.deepEqual(error.holder, {
            pid: actual.pid,
            applicationName: holder.applicationName,
            since: actual.since.toISOString(),
          });
          assert.match(
            error.message,
            new RegExp(
              `Another run is migrating ${target.database}: pid ${actual.pid} \\(learning-platform-migrator \\S+:${process.pid}, connected since 2[^)]*\\)\\. Waited 0\\.2 s\\..*pg_terminate_backend\\(${actual.pid}\\)`,
            ),
          );
          return true;
        },
      );
      assert.deepEqual(
        events.map(({ kind }) => kind),
        ["waiting"],
      );
      await slow;
      assert.equal((await inspect(target, noFiles)).holder, undefined);
    }),
  ).timeout(20_000);

  it(
    "stop at a file that releases the lock, before another run can start in between",
    withSubject(async (subject) => {
      const { target } = subject;
      const next = { "0002_b.sql": "select 1;" };
      const unlocking = {
        "0001_a.sql": "create table a (); select pg_advisory_unlock_all();",
        ...next,
      };
      await assert.rejects(migrate(target, migrations(unlocking)), {
        name: "MigrationError",
        message:
          /0001_a.sql {2}released the migration lock, .* It was rolled back; remove that statement\.$/,
        applied: [],
      });
      assert.deepEqual(await subject.rows("select from pg_tables where tablename = 'a'"), []);

      const alone = migrations({
        "0001_a.sql": "-- migrate: no-transaction\ndiscard all;",
        ...next,
      });
      await assert.rejects(
        migrate(target, alone),
        /0001_a.sql {2}released the migration lock, .* It is applied and recorded; run again for the rest\.$/,
      );
      assert.deepEqual((await migrate(target, alone)).applied, ["0002_b.sql"]);
    }),
  );

  it(
    "build an index concurrently while another run waits for the lock",
    withSubject(async (subject) => {
      const files = migrations({
        ...witnesses(1, "select pg_sleep(0.3);"),
        "0002_index.sql": INDEX,
      });
      const [first, second] = await Promise.all([
        migrate(subject.target, files),
        migrate(subject.target, files),
      ]);
      assert.equal(first.applied.length + second.applied.length, 2);
    }),
  );
});

describe("a migration that needs a table in use", () => {
  const first = witnesses(1);
  const both = { ...first, "0002_alter.sql": "alter table witness add note text;" };

  it(
    "retries until the table is free, and never keeps a reader waiting for a second",
    withSubject(async (subject) => {
      const { target, rows } = subject;
      await migrate(target, migrations(first));
      const retries: string[] = [];
      let slowest = 0;
      await whileOpen(subject, "select from witness", async (release) => {
        const run = migrate(target, migrations(both), {
          // The platform's default, not the runner's.
          lockTimeoutMs: Number(parseProjectDefaults().migrationLockTimeoutMs),
          onProgress: (event) => event.kind === "retrying" && retries.push(event.sqlState),
        });
        await until(async () => {
          const began = performance.now();
          await rows("select count(*) from witness");
          slowest = Math.max(slowest, performance.now() - began);
          return retries.length >= 4 || undefined;
        });
        await release();
        assert.deepEqual((await run).applied, ["0002_alter.sql"]);
      });
      assert.deepEqual([...new Set(retries)], ["55P03"]);
      assert.ok(slowest > 300, `no reader queued behind the migration (${slowest} ms)`);
      assert.ok(slowest < 1000, `a reader waited ${slowest} ms`);
    }),
  ).timeout(30_000);

  it(
    "gives up after its limit and says how often it tried",
    withSubject(async (subject) => {
      const { target } = subject;
      await migrate(target, migrations(first));
      await whileOpen(subject, "select from witness", () =>
        assert.rejects(
          migrate(target, migrations(both), { lockTimeoutMs: 50, retryForMs: 600 }),
          /0002_alter.sql:1:1 {2}55P03 .*\n.*\n.*\n {2}gave up after [2-9] attempts in \d s; look for long transactions/,
        ),
      );
    }),
  );

  it(
    "retries the whole file after a deadlock",
    withSubject(async (subject) => {
      const { target, rows } = subject;
      const tables = { "0001_a.sql": "create table a (); create table b ();" };
      const crossing =
        "create table witness as select 1 as number; lock table a; select pg_sleep(0.3); lock table b;";
      await migrate(target, migrations(tables));
      const retries: string[] = [];
      // Lets the migration be the session that detects the deadlock and is rolled back.
      const hold = "set deadlock_timeout = '30s'; lock table b";
      await whileOpen(subject, hold, async (release, other) => {
        const run = migrate(target, migrations({ ...tables, "0002_b.sql": crossing }), {
          lockTimeoutMs: 20_000,
          onProgress: (event) => event.kind === "retrying" && retries.push(event.sqlState),
        });
        await until(async () => {
          const [held] = await rows(
            "select from pg_locks where relation = 'a'::regclass and granted",
          );
          return held;
        });
        await other.query("lock table a");
        await release();
        await run;
      });
      assert.deepEqual(retries, ["40P01"]);
      assert.deepEqual([...(await witnessCounts(subject)).values()], [1]);
    }),
  ).timeout(20_000);
});

const noFiles = { versioned: [], repeatable: [] };
