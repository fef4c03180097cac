import assert from "node:assert/strict";

import { inspect, migrate, repair } from "../../../migrator";
import { waitsWithoutBlocking } from "../../../migrator/grammar";
import { migrations, type Subject, until, whileOpen, withSubject } from "./support";

const ALONE = "-- migrate: no-transaction\n";
const TABLES = `
  create table days (day date) partition by range (day);
  create table days_1 partition of days for values from ('2026-01-01') to ('2026-02-01');
  insert into days values ('2026-01-15');
  create index days_1_day_idx on days_1 (day);
  create materialized view seen as select day from days;
  create unique index seen_day_idx on seen (day);`;
const DETACH = "alter table days detach partition days_1 concurrently;";
const START = { "0001_create_days.sql": TABLES };
const READ = "select from days";

/** Runs one statement, without a transaction, behind a reader whose transaction takes `seconds`. */
async function behindReader(subject: Subject, sql: string, milliseconds: number) {
  const files = migrations({ ...START, "0002_change_days.sql": ALONE + sql });
  await whileOpen(subject, READ, async (release) => {
    const released = new Promise((resolve) => setTimeout(resolve, milliseconds)).then(release);
    const { applied } = await migrate(subject.target, files, { lockTimeoutMs: 200 });
    await released;
    assert.deepEqual(applied, ["0002_change_days.sql"]);
  });
  const { faults } = await inspect(subject.target, files);
  assert.deepEqual(faults, []);
}

describe("a statement outside of a transaction that waits by design", () => {
  const waiting: [title: string, sql: string][] = [
    ["a partition that is detached concurrently", DETACH],
    ["an index that is built concurrently", "create index concurrently d on days_1 (day)"],
    ["an index that is dropped concurrently", "drop index concurrently days_1_day_idx"],
    ["an index that is rebuilt concurrently", "reindex (verbose, concurrently) table days_1"],
    ["a materialized view", "refresh materialized view concurrently seen"],
    ["a vacuum", "vacuum (analyze) days_1"],
  ];
  for (const [title, sql] of waiting) {
    it(
      `has no lock timeout: ${title}`,
      withSubject(async (subject) => {
        await migrate(subject.target, migrations(START));
        await behindReader(subject, sql, 1_000);
      }),
    );
  }

  it(
    "completes a half-detached partition of a stopped run",
    withSubject(async (subject) => {
      const { target, rows } = subject;
      await migrate(target, migrations(START));
      const files = migrations({ ...START, "0002_detach_days.sql": ALONE + DETACH });
      await whileOpen(subject, READ, async () => {
        const run = assert.rejects(migrate(target, files), { name: "MigrationConnectionError" });
        await until(async () => {
          const [row] = await rows("select from pg_inherits where inhdetachpending");
          return row;
        });
        await rows(`select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and application_name like 'learning-platform-migrator%'`);
        await run;
      });
      const [fault] = (await inspect(target, files)).faults;
      const [, remedy] =
        /half-detached partition public\.days_1\)\. Complete it: (.*?)\. If it did, run: .* --finished/.exec(
          fault?.message ?? "",
        ) ?? [];
      assert.equal(
        remedy,
        "alter table public.days detach partition public.days_1 finalize",
        fault?.message,
      );
      await assert.rejects(
        repair(target, files, [{ kind: "finished", name: "0002_detach_days.sql" }]),
        /it left half-detached partition public\.days_1\. Complete it: .* Do this first/,
      );
      await rows(`set role ${target.owner}; ${remedy}; reset role`);
      await repair(target, files, [{ kind: "finished", name: "0002_detach_days.sql" }]);
      const { faults, applied } = await inspect(target, files);
      assert.deepEqual([faults, applied.length], [[], 2]);
      assert.equal((await migrate(target, files)).applied.length, 0);
    }),
  );

  const kinds: [sql: string, waits: boolean][] = [
    [DETACH, true],
    ["ALTER TABLE ONLY public.days DETACH PARTITION days_1 FINALIZE", true],
    ["alter table days detach partition days_1", false],
    ["alter table days rename to finalize", false],
    ['alter table days add column "concurrently" text', false],
    ["create index concurrently on days (day)", true],
    ["create index on days (day)", false],
    ["drop index concurrently a, b", true],
    ["drop index a", false],
    ["reindex table concurrently days", true],
    ["reindex (concurrently off) table days", false],
    ["reindex schema public", false],
    ["refresh materialized view concurrently seen", true],
    ["refresh materialized view seen", false],
    ["vacuum", true],
    ["vacuum full days", false],
    ["vacuum (full false) days", true],
    ["cluster days", false],
    ["call work()", false],
    ["no sql", false],
  ];
  for (const [sql, waits] of kinds) {
    it(`${waits ? "is" : "is not"}: ${sql}`, async () => {
      assert.equal(await waitsWithoutBlocking(sql), waits);
    });
  }
});
