import assert from "node:assert/strict";

import {
  inspect,
  migrate,
  MigrationConnectionError,
  type MigrationTarget,
} from "../../../migrator";
import { startProxy } from "./proxy";
import { migrations, type Subject, until, withSubject, witnessCounts, witnesses } from "./support";

const SILENCE_LIMIT_MS = 1_200;
const slow = migrations(witnesses(2, "select pg_sleep(2.5);"));

describe("a machine that is busy", () => {
  it(
    "may take seconds for the first answer of a connection",
    withSubject(async ({ target }) => {
      const proxy = await startProxy(target.port, 6_000);
      try {
        const { state } = await inspect({ ...target, port: proxy.port }, slow);
        assert.equal(state, "no-ledger");
      } finally {
        await proxy.close();
      }
    }),
  ).timeout(20_000);
});

describe("a silent connection", () => {
  it(
    "is kept while the server works without sending anything",
    withSubject(async (subject) => {
      const target = { ...subject.target, silenceLimitMs: SILENCE_LIMIT_MS };
      const { applied } = await migrate(target, slow);
      assert.equal(applied.length, 2);
    }),
  ).timeout(20_000);

  const losses: [
    title: string,
    reason: RegExp,
    silenceLimitMs: number,
    cut: (subject: Subject, mend: () => void) => void,
  ][] = [
    [
      "is given up if a new one gets no answer either",
      /no answer for \d+ s, neither on this connection nor on a new one/,
      SILENCE_LIMIT_MS,
      () => undefined,
    ],
    [
      "is given up if the server has ended the session, as a new connection shows",
      /no answer for \d+ s, and the server no longer has this session/,
      // Long enough for an answer on a new connection, however busy the machine is.
      5 * SILENCE_LIMIT_MS,
      ({ rows }, mend) => {
        mend();
        void rows(END_RUNNERS);
      },
    ],
  ];
  for (const [title, reason, silenceLimitMs, cut] of losses) {
    it(
      `${title}; applied files stay, and the next run completes`,
      withSubject(async (subject) => {
        const proxy = await startProxy(subject.target.port);
        try {
          await assert.rejects(
            cutAtSecondFile({ ...subject.target, silenceLimitMs }, subject, proxy, () =>
              cut(subject, proxy.mend),
            ),
            (error: unknown) => {
              assert.ok(error instanceof MigrationConnectionError);
              assert.match(
                error.message,
                /0002_add_witness.sql {2}lost the connection to database/,
              );
              assert.match(error.message, reason);
              assert.match(error.message, /rolled back, or just committed; run again/);
              assert.deepEqual(error.applied, ["0001_add_witness.sql"]);
              return true;
            },
          );
        } finally {
          await proxy.close();
        }
        await migrate(subject.target, slow);
        assert.deepEqual([...(await witnessCounts(subject)).values()], [1, 1]);
      }),
    ).timeout(20_000);
  }

  it(
    "is also given up while it waits for another run's lock",
    withSubject(async (subject) => {
      const running = migrate(subject.target, slow);
      await until(async () => (await inspect(subject.target, slow)).holder);
      const proxy = await startProxy(subject.target.port);
      try {
        const waiting = migrate(
          { ...subject.target, port: proxy.port, silenceLimitMs: SILENCE_LIMIT_MS },
          slow,
          { onProgress: ({ kind }) => kind === "waiting" && proxy.cut() },
        );
        await assert.rejects(waiting, /lost the connection to .*: no answer for/);
      } finally {
        await proxy.close();
      }
      await running;
    }),
  ).timeout(20_000);

  it(
    "is closed by the server's system in less than half of the next run's waiting time",
    withSubject(async ({ target, rows }) => {
      const file = `create table seen as select name, setting::integer from pg_settings where name ~ '^tcp_';`;
      await migrate(target, migrations({ "0001_see.sql": file }));
      const settings = Object.fromEntries(
        (await rows<{ name: string; setting: number }>("select * from seen")).map(
          ({ name, setting }) => [name, setting],
        ),
      );
      const { tcp_keepalives_idle: idle, tcp_keepalives_interval: interval } = settings;
      assert.ok(idle + interval * settings.tcp_keepalives_count <= 20, JSON.stringify(settings));
      assert.equal(settings.tcp_user_timeout, 20_000);
    }),
  ).timeout(20_000);
});

/** Runs the files through the proxy, whose network is cut in the middle of the second one. */
function cutAtSecondFile(
  target: MigrationTarget,
  { rows }: Subject,
  proxy: Awaited<ReturnType<typeof startProxy>>,
  andThen: () => void,
) {
  return migrate({ ...target, port: proxy.port }, slow, {
    onProgress: async (event) => {
      if (event.kind === "started" && event.index === 2) {
        await until(async () => {
          const [asleep] = await rows("select from pg_stat_activity where wait_event = 'PgSleep'");
          return asleep;
        });
        proxy.cut();
        andThen();
      }
    },
  });
}

const END_RUNNERS = `select pg_terminate_backend(pid) from pg_stat_activity
  where datname = current_database() and application_name like 'learning-platform-migrator%'`;
