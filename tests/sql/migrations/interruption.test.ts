import assert from "node:assert/strict";
import net from "node:net";

import { inspect, migrate, MigrationConnectionError, repair } from "../../../migrator";
import { startProxy } from "./proxy";
import {
  migrations,
  recorded,
  startChild,
  until,
  whileOpen,
  withSubject,
  witnessCounts,
  witnesses,
} from "./support";

const INDEX =
  "-- migrate: no-transaction\ncreate index concurrently witness_idx on witness (number);";

describe("an interrupted run", () => {
  it(
    "completes after its process was killed at 25 random moments, each file applied once",
    withSubject(async (subject) => {
      const files = migrations({
        ...witnesses(150, "select pg_sleep(0.01);"),
        "repeatable/a.sql": "create or replace view seen as select count(*) as files from witness;",
      });
      const stops: number[] = [];
      let next = startChild(subject.target, files);
      for (let kill = 1; kill <= 25; kill += 1) {
        const child = await next;
        // The next runner loads while this one runs.
        next = startChild(subject.target, files);
        child.begin();
        // One in five is killed while it connects, waits for the previous runner's lock, or reads the ledger.
        if (kill % 5 > 0) {
          await child.atWork();
        }
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 100));
        await child.kill();
        stops.push(await applied());
      }
      await (await next).kill();
      assert.ok(stops.at(-1)! < 150, "the kills came after the end");
      assert.ok(new Set(stops).size >= 5, `the kills hit too few moments: ${stops}`);

      await migrate(subject.target, files);
      const counts = await witnessCounts(subject);
      assert.deepEqual(
        [...counts.keys()],
        Array.from({ length: 150 }, (_, index) => index + 1),
      );
      assert.deepEqual([...counts.values()], Array(150).fill(1));
      assert.equal((await recorded(subject)).length, 151);

      async function applied(): Promise<number> {
        const { applied } = await inspect(subject.target, files);
        return applied.length;
      }
    }),
  ).timeout(120_000);

  it(
    "reports an interrupted statement outside of a transaction, with the recovery steps, which work",
    withSubject(async (subject) => {
      const { target, rows } = subject;
      await migrate(target, migrations(witnesses(1)));
      const files = migrations({ ...witnesses(1), "0002_index.sql": INDEX });
      // An open transaction that wrote to the table keeps the index from completing.
      const cut = await whileOpen(subject, "insert into witness values (0)", async () => {
        const child = await startChild(target, files);
        child.begin();
        await until(async () => {
          const [building] = await rows("select from pg_stat_progress_create_index");
          return building;
        });
        const [running] = (await inspect(target, files)).faults;
        assert.match(
          running!.message,
          /has been running since 2.* in pid \d+ .*Wait until it ends/,
        );
        await child.kill();
        return until(async () => {
          const status = await inspect(target, files);
          return status.holder === undefined ? status : undefined;
        });
      });

      const [fault] = cut.faults;
      assert.match(
        fault!.message,
        /was started at 2.* and did not finish.*invalid index public.witness_idx/,
      );
      await assert.rejects(migrate(target, files), {
        name: "MigrationPlanError",
        message: /0002_index.sql {2}was started at/,
      });
      assert.ok(
        fault!.message.endsWith(`repair ${target.database} --rerun 0002_index.sql.`),
        fault!.message,
      );
      await rows(`set role ${target.owner}; drop index witness_idx`);
      await repair(target, files, [{ kind: "rerun", name: "0002_index.sql" }]);
      assert.deepEqual((await migrate(target, files)).applied, ["0002_index.sql"]);
      assert.deepEqual(await rows("select count(*)::integer from pg_index where not indisvalid"), [
        { count: 0 },
      ]);
    }),
  ).timeout(30_000);

  it(
    "stops between two files on a signal, and keeps the file that was running",
    withSubject(async (subject) => {
      const files = migrations(witnesses(3));
      const stop = new AbortController();
      await assert.rejects(
        migrate(subject.target, files, {
          signal: stop.signal,
          onProgress: ({ kind }) => kind === "started" && stop.abort(),
        }),
        {
          name: "MigrationStoppedError",
          message: /^Stopped before .*0002_add_witness.sql; run again for the rest\.$/,
          applied: ["0001_add_witness.sql"],
        },
      );
      assert.deepEqual(await recorded(subject), [{ name: "0001_add_witness.sql" }]);
      const { applied } = await migrate(subject.target, files);
      assert.deepEqual(applied, ["0002_add_witness.sql", "0003_add_witness.sql"]);
    }),
  );

  it(
    "stops on a signal while it waits for a table or another run",
    withSubject(async (subject) => {
      const { target } = subject;
      await migrate(target, migrations(witnesses(1)));
      const files = migrations({ ...witnesses(1), "0002_lock.sql": "lock table witness;" });
      const stoppedAt = async (when: string) => {
        const stop = new AbortController();
        await assert.rejects(
          migrate(target, files, {
            signal: stop.signal,
            lockTimeoutMs: 50,
            onProgress: ({ kind }) => kind === when && stop.abort(),
          }),
          { name: "MigrationStoppedError" },
        );
      };
      await whileOpen(subject, "lock table witness in share mode", async () => {
        await stoppedAt("retrying");
        const other = migrate(target, files, { lockTimeoutMs: 50, retryForMs: 3_000 });
        await Promise.all([
          assert.rejects(other, /gave up/),
          until(async () => (await inspect(target, files)).holder).then(() => stoppedAt("waiting")),
        ]);
      });
      assert.deepEqual(await recorded(subject), [{ name: "0001_add_witness.sql" }]);
    }),
  ).timeout(30_000);

  it(
    "keeps the row of a failed statement that left an object, and deletes it if nothing is left",
    withSubject(async (subject) => {
      const { target } = subject;
      const twice = { ...witnesses(1, "insert into witness values (1);") };
      const typo = migrations({ ...twice, "0002_index.sql": INDEX.replace("(number)", "(numbr)") });
      await assert.rejects(migrate(target, typo), /0002_index.sql:2:1 {2}42703/);
      assert.deepEqual((await inspect(target, typo)).unfinished, []);

      const unique = migrations({
        ...twice,
        "0002_index.sql": INDEX.replace("create index", "create unique index"),
      });
      await assert.rejects(
        migrate(target, unique),
        /0002_index.sql:2:1 {2}23505 .*\n.*\n.*\n.*\n {2}Check whether it took effect \(invalid index public.witness_idx\)/,
      );
      const [unfinished] = (await inspect(target, unique)).unfinished;
      assert.equal(unfinished?.name, "0002_index.sql");

      await subject.rows(
        "drop index witness_idx; delete from migrations.ledger where version = '0002'",
      );
      const call = migrations({
        ...twice,
        "0002_call.sql": "-- migrate: no-transaction\ndo $$ begin commit; perform 1 / 0; end $$;",
      });
      await assert.rejects(migrate(target, call), /Check whether it took effect/);
      assert.equal((await inspect(target, call)).unfinished.length, 1);
    }),
  );

  it(
    "reports a lost connection, keeps applied files, and completes the next time",
    withSubject(async (subject) => {
      const files = migrations(witnesses(3, "select pg_sleep(0.2);"));
      const run = migrate(subject.target, files, {
        onProgress: (event) => {
          if (event.kind === "started" && event.index === 2) {
            setTimeout(() => void subject.rows(END_RUNNERS), 50);
          }
        },
      });
      await assert.rejects(run, (error: unknown) => {
        assert.ok(error instanceof MigrationConnectionError);
        assert.equal(error.code, "57P01");
        assert.match(error.message, /0002_add_witness.sql {2}lost the connection to database/);
        assert.deepEqual(error.applied, ["0001_add_witness.sql"]);
        return true;
      });
      assert.equal((await migrate(subject.target, files)).applied.length, 2);
      assert.deepEqual([...(await witnessCounts(subject)).values()], [1, 1, 1]);
    }),
  );

  const cuts: [title: string, cut: (socket: net.Socket) => void][] = [
    ["is reset", (socket) => socket.resetAndDestroy()],
    ["is closed", (socket) => socket.end()],
  ];
  for (const [title, cut] of cuts) {
    it(
      `survives a network that ${title} between two attempts, while no query runs`,
      withSubject(async (subject) => {
        await migrate(subject.target, migrations(witnesses(1)));
        const proxy = await startProxy(subject.target.port);
        const run = () =>
          migrate(
            { ...subject.target, port: proxy.port },
            migrations({ ...witnesses(1), "0002_alter.sql": "alter table witness add note text;" }),
            {
              lockTimeoutMs: 50,
              onProgress: (event) => event.kind === "retrying" && cut(proxy.client()),
            },
          );
        await whileOpen(subject, "select from witness", () =>
          assert.rejects(run(), {
            name: "MigrationConnectionError",
            message:
              /0002_alter.sql {2}lost the connection to .* rolled back, or just committed; run again/,
          }),
        );
        await proxy.close();
      }),
    );
  }
});

const END_RUNNERS = `select pg_terminate_backend(pid) from pg_stat_activity
  where datname = current_database() and application_name like 'learning-platform-migrator%'`;
