import assert from "node:assert/strict";

import type { PoolClient } from "pg";

import { asRole, createDatabase, type TestDatabase } from "../support/databases";
import { add, change, find, type Row } from "./rows";

type Status = "PENDING" | "RUNNING" | "COMPLETED" | "FAILED" | "CANCELLED";

describe("a learning session", function () {
  this.timeout(30_000);

  let database: TestDatabase;

  before(async () => {
    database = await createDatabase("agent_orchestrator_db");
  });
  after(() => database.drop());

  /** Creates a session in a transaction that is rolled back, and provides the actions of its workers. */
  function withSession(
    act: (steps: {
      client: PoolClient;
      execute(stage: number, status: Status): Promise<Row>;
      set(execution: Row, status: Status): Promise<Row>;
      session(): Promise<Row>;
      status(): Promise<string>;
    }) => Promise<void>,
    values: () => Row = () => ({}),
  ) {
    return () =>
      asRole(database, "app", async (client) => {
        const { id } = await add(client, "learning_sessions", values());
        const session = async () => (await find(client, "learning_sessions", id)) as Row;
        await act({
          client,
          execute: (stage, status) =>
            add(client, "agent_executions", { session_id: id, stage_number: stage, status }),
          set: (execution, status) => change(client, "agent_executions", execution.id, { status }),
          session,
          status: async () => (await session()).status,
        });
      });
  }

  for (const status of ["PENDING", "CANCELLED"] as const) {
    it(
      `stays PENDING with a ${status} execution`,
      withSession(async (on) => {
        await on.execute(1, status);
        assert.equal(await on.status(), "PENDING");
      }),
    );
  }

  for (const status of ["RUNNING", "COMPLETED"] as const) {
    it(
      `is IN_PROGRESS from the first ${status} execution, inserted or changed`,
      withSession(async (on) => {
        await on.execute(1, status);
        assert.equal(await on.status(), "IN_PROGRESS");

        const second = (await add(on.client, "learning_sessions")).id;
        const execution = await add(on.client, "agent_executions", { session_id: second });
        await on.set(execution, status);
        assert.equal((await find(on.client, "learning_sessions", second))?.status, "IN_PROGRESS");
      }),
    );
  }

  it(
    "is COMPLETED, with time and duration, when all eight stages are",
    withSession(
      async (on) => {
        for (const stage of [3, 1, 2, 8, 7, 6, 5]) {
          await on.set(await on.execute(stage, "RUNNING"), "COMPLETED");
        }
        assert.equal(await on.status(), "IN_PROGRESS");

        await on.execute(4, "COMPLETED");
        const session = await on.session();
        assert.equal(session.status, "COMPLETED");
        assert.equal(session.actual_duration_minutes, 90);
        assert.ok(Math.abs(session.completed_at.getTime() - Date.now()) < 60_000);
      },
      () => ({ created_at: new Date(Date.now() - 90 * 60_000) }),
    ),
  );

  it(
    "is not COMPLETED by eight executions of fewer than eight stages",
    withSession(async (on) => {
      for (const stage of [1, 2, 3, 4, 5, 6, 7, 7]) {
        await on.execute(stage, "COMPLETED");
      }
      assert.equal(await on.status(), "IN_PROGRESS");
    }),
  );

  it(
    "is COMPLETED by one statement that completes all stages",
    withSession(async (on) => {
      const { id } = await on.session();
      await on.client.query(
        `insert into agent_executions (session_id, agent_type, stage_number, status)
         select $1, 'RESEARCH', stage, 'COMPLETED' from generate_series(1, 8) stage`,
        [id],
      );
      assert.equal(await on.status(), "COMPLETED");
    }),
  );

  it(
    "is correct for each session that one statement writes",
    withSession(async (on) => {
      const cases: [stages: [number, Status][], status: string][] = [
        [[[1, "PENDING"]], "PENDING"],
        [[[1, "CANCELLED"]], "PENDING"],
        [[[1, "RUNNING"]], "IN_PROGRESS"],
        [
          [
            [1, "COMPLETED"],
            [2, "RUNNING"],
          ],
          "IN_PROGRESS",
        ],
        [
          [
            [1, "RUNNING"],
            [2, "FAILED"],
          ],
          "FAILED",
        ],
        [
          [
            [1, "FAILED"],
            [1, "COMPLETED"],
          ],
          "IN_PROGRESS",
        ],
        [[1, 2, 3, 4, 5, 6, 7, 8].map((stage) => [stage, "COMPLETED"]), "COMPLETED"],
      ];
      const ids: string[] = [];
      for (let made = 0; made < cases.length; made++) {
        ids.push((await add(on.client, "learning_sessions")).id as string);
      }
      const rows = cases.flatMap(([stages], index) =>
        stages.map(([stage, status]) => ({ session: ids[index], stage, status })),
      );
      await on.client.query(
        `insert into agent_executions (session_id, agent_type, stage_number, status)
         select session, 'RESEARCH', stage, status
         from jsonb_to_recordset($1) row (session uuid, stage integer, status text)`,
        [JSON.stringify(rows)],
      );
      for (const [index, [, status]] of cases.entries()) {
        assert.equal((await find(on.client, "learning_sessions", ids[index]))?.status, status);
      }
    }),
  );

  it(
    "is correct for each session that one statement updates, and written once",
    withSession(async (on) => {
      const { id: one } = await on.session();
      const two = (await add(on.client, "learning_sessions")).id as string;
      const still = (await add(on.client, "learning_sessions")).id as string;
      for (const session_id of [one, two]) {
        for (let stage_number = 1; stage_number <= 8; stage_number++) {
          await add(on.client, "agent_executions", { session_id, stage_number });
        }
      }
      await add(on.client, "agent_executions", { session_id: still, status: "RUNNING" });
      await change(on.client, "learning_sessions", still, { status: "PENDING" });
      await on.client.query(
        `update agent_executions
         set status = case
           when session_id = $1 then 'COMPLETED'
           when session_id = $2 and stage_number = 3 then 'FAILED'
           else status
         end`,
        [one, two],
      );
      const status = async (id: string) =>
        (await find(on.client, "learning_sessions", id))?.status as string;
      assert.deepEqual(
        [await status(one), await status(two), await status(still)],
        ["COMPLETED", "FAILED", "PENDING"],
      );
    }),
  );

  it(
    "is computed once per statement when 10,000 executions end at once, with either kind of plan",
    withSession(async (on) => {
      await on.set(await on.execute(1, "RUNNING"), "COMPLETED");
      const { id } = await on.session();
      await on.client.query(
        `insert into agent_executions (session_id, agent_type, stage_number, status)
         select $1, 'RESEARCH', 1 + number % 8, 'RUNNING' from generate_series(1, 10000) number`,
        [id],
      );
      const began = performance.now();
      await on.client.query("update agent_executions set status = 'COMPLETED'");
      assert.equal(await on.status(), "COMPLETED");
      // Comparing each row with each other would take minutes. The limit allows for a busy machine.
      assert.ok(performance.now() - began < 10_000);
    }),
  );

  it(
    "keeps its time of completion when a stage runs again",
    withSession(async (on) => {
      for (let stage = 1; stage <= 8; stage++) {
        await on.execute(stage, "COMPLETED");
      }
      const { completed_at } = await on.session();
      const again = await on.execute(8, "RUNNING");
      await on.set(again, "FAILED");
      await on.execute(8, "COMPLETED");
      const session = await on.session();
      assert.equal(session.status, "COMPLETED");
      assert.deepEqual(session.completed_at, completed_at);
    }),
  );

  it(
    "is FAILED after a failed execution, and continues when a retry of that stage runs",
    withSession(async (on) => {
      await on.execute(1, "COMPLETED");
      await on.set(await on.execute(2, "RUNNING"), "FAILED");
      assert.equal(await on.status(), "FAILED");

      const retry = await on.execute(2, "PENDING");
      await on.execute(3, "RUNNING");
      await on.execute(4, "COMPLETED");
      assert.equal(await on.status(), "FAILED");
      await on.set(retry, "RUNNING");
      assert.equal(await on.status(), "IN_PROGRESS");
      await on.execute(5, "COMPLETED");
      assert.equal(await on.status(), "IN_PROGRESS");

      await on.set(retry, "COMPLETED");
      assert.equal(await on.status(), "IN_PROGRESS");
    }),
  );

  it(
    "continues when a retry is inserted as RUNNING or COMPLETED, and fails again with the retry",
    withSession(async (on) => {
      await on.execute(1, "FAILED");
      const retry = await on.execute(1, "RUNNING");
      assert.equal(await on.status(), "IN_PROGRESS");
      await on.set(retry, "FAILED");
      assert.equal(await on.status(), "FAILED");
      await on.execute(1, "COMPLETED");
      assert.equal(await on.status(), "IN_PROGRESS");
    }),
  );

  it(
    "is FAILED while another execution of the stage runs, until that one completes",
    withSession(async (on) => {
      const other = await on.execute(1, "RUNNING");
      await on.set(await on.execute(1, "RUNNING"), "FAILED");
      assert.equal(await on.status(), "FAILED");
      await on.set(await on.execute(2, "RUNNING"), "COMPLETED");
      assert.equal(await on.status(), "FAILED");
      await on.set(other, "COMPLETED");
      assert.equal(await on.status(), "IN_PROGRESS");
    }),
  );

  it(
    "continues for each failed session that one statement retries, and for no other",
    withSession(async (on) => {
      const { id: retried } = await on.session();
      const left = (await add(on.client, "learning_sessions")).id as string;
      for (const session_id of [retried, left]) {
        await add(on.client, "agent_executions", { session_id, status: "FAILED" });
        await add(on.client, "agent_executions", { session_id, stage_number: 2 });
        await add(on.client, "agent_executions", { session_id, stage_number: 1 });
      }
      await on.client.query(
        `update agent_executions set status = 'RUNNING'
         where status = 'PENDING' and stage_number = case when session_id = $1 then 1 else 2 end`,
        [retried],
      );
      assert.equal(await on.status(), "IN_PROGRESS");
      assert.equal((await find(on.client, "learning_sessions", left))?.status, "FAILED");
    }),
  );

  it(
    "continues when the failed execution itself runs again",
    withSession(async (on) => {
      const execution = await on.execute(1, "FAILED");
      assert.equal(await on.status(), "FAILED");
      await on.set(execution, "RUNNING");
      assert.equal(await on.status(), "IN_PROGRESS");
      await on.set(execution, "COMPLETED");
      assert.equal(await on.status(), "IN_PROGRESS");
    }),
  );

  it(
    "stays FAILED until every failed stage has been retried",
    withSession(async (on) => {
      await on.execute(1, "FAILED");
      await on.execute(2, "FAILED");
      await on.execute(1, "COMPLETED");
      assert.equal(await on.status(), "FAILED");
      await on.execute(3, "FAILED");
      await on.execute(2, "RUNNING");
      assert.equal(await on.status(), "FAILED");
      await on.execute(3, "RUNNING");
      assert.equal(await on.status(), "IN_PROGRESS");
    }),
  );

  it(
    "is COMPLETED when the retry was the last missing stage",
    withSession(async (on) => {
      for (let stage = 1; stage <= 7; stage++) {
        await on.execute(stage, "COMPLETED");
      }
      await on.execute(8, "FAILED");
      assert.equal(await on.status(), "FAILED");
      await on.execute(8, "COMPLETED");
      const session = await on.session();
      assert.equal(session.status, "COMPLETED");
      assert.ok(session.completed_at);
    }),
  );

  it(
    "does not fail with a stage that has already completed",
    withSession(async (on) => {
      await on.execute(1, "COMPLETED");
      await on.execute(1, "FAILED");
      assert.equal(await on.status(), "IN_PROGRESS");
    }),
  );

  it(
    "loses its time of completion when a completed stage is changed to FAILED",
    withSession(async (on) => {
      let last: Row = {};
      for (let stage = 1; stage <= 8; stage++) {
        last = await on.execute(stage, "COMPLETED");
      }
      await on.set(last, "FAILED");
      const session = await on.session();
      assert.equal(session.status, "FAILED");
      assert.equal(session.completed_at, null);
      assert.equal(session.actual_duration_minutes, null);
    }),
  );

  it(
    "includes a completed execution that is moved to it",
    withSession(async (on) => {
      const { id: session_id } = await on.session();
      const other = (await add(on.client, "learning_sessions")).id;
      for (let stage = 1; stage <= 7; stage++) {
        await on.execute(stage, "COMPLETED");
      }
      const stray = await add(on.client, "agent_executions", {
        session_id: other,
        stage_number: 8,
        status: "COMPLETED",
      });
      assert.equal(await on.status(), "IN_PROGRESS");
      await change(on.client, "agent_executions", stray.id, { session_id });
      assert.equal(await on.status(), "COMPLETED");
    }),
  );

  it(
    "ignores CANCELLED executions",
    withSession(async (on) => {
      const execution = await on.execute(1, "RUNNING");
      await on.set(execution, "CANCELLED");
      assert.equal(await on.status(), "IN_PROGRESS");
      for (let stage = 2; stage <= 8; stage++) {
        await on.execute(stage, "COMPLETED");
      }
      assert.equal(await on.status(), "IN_PROGRESS");
    }),
  );

  it(
    "stays CANCELLED whatever happens to its executions",
    withSession(
      async (on) => {
        await on.execute(1, "FAILED");
        for (let stage = 1; stage <= 8; stage++) {
          await on.set(await on.execute(stage, "RUNNING"), "COMPLETED");
        }
        const session = await on.session();
        assert.equal(session.status, "CANCELLED");
        assert.equal(session.completed_at, null);
      },
      () => ({ status: "CANCELLED" }),
    ),
  );

  it(
    "is not written by an update that keeps an execution's status",
    withSession(async (on) => {
      const execution = await on.execute(1, "RUNNING");
      const { id } = await on.session();
      await change(on.client, "learning_sessions", id, { status: "PENDING" });
      await on.client.query("update agent_executions set status = status, tokens_used = 5");
      await change(on.client, "agent_executions", execution.id, { output_data: {} });
      assert.equal(await on.status(), "PENDING");
    }),
  );

  it(
    "is not written when a stage starts or completes and the session stays IN_PROGRESS",
    withSession(async (on) => {
      await on.execute(1, "RUNNING");
      const { id } = await on.session();
      const version = async () =>
        (await on.client.query<Row>("select ctid from learning_sessions where id = $1", [id]))
          .rows[0].ctid as string;
      const before = await version();
      await on.set(await on.execute(2, "RUNNING"), "COMPLETED");
      await on.execute(3, "COMPLETED");
      assert.equal(await version(), before);
    }),
  );

  it(
    "is maintained whatever search_path the writer has",
    withSession(async (on) => {
      const { id } = await on.session();
      await on.client.query("set local search_path = pg_catalog");
      await on.client.query(
        `insert into public.agent_executions (session_id, agent_type, stage_number, status)
         values ($1, 'RESEARCH', 1, 'RUNNING')`,
        [id],
      );
      await on.client.query("set local search_path = public");
      assert.equal(await on.status(), "IN_PROGRESS");
    }),
  );

  describe("with concurrent workers", () => {
    async function inParallel(
      isolation: string,
      act: (id: string, stage: number) => Promise<void>,
    ) {
      const pool = database.pool("app", 16);
      const sessions = await Promise.all(
        Array.from({ length: 10 }, async () => (await add(pool, "learning_sessions")).id as string),
      );
      const work = sessions.flatMap((id) =>
        [1, 2, 3, 4, 5, 6, 7, 8].map((stage) => ({ id, stage })),
      );
      work.sort(() => Math.random() - 0.5);
      await Promise.all(work.map(({ id, stage }) => act(id, stage)));

      for (const id of sessions) {
        const session = await find(pool, "learning_sessions", id);
        assert.equal(session?.status, "COMPLETED", isolation);
        assert.ok(session?.completed_at);
      }
    }

    /** Runs one worker's transaction, and retries it if the server requests that. */
    async function complete(isolation: string, id: string, stage: number): Promise<void> {
      const client = await database.pool("app", 16).connect();
      try {
        for (;;) {
          try {
            await client.query(`begin isolation level ${isolation}`);
            const execution = await add(client, "agent_executions", {
              session_id: id,
              stage_number: stage,
              status: "RUNNING",
            });
            await new Promise((resolve) => setTimeout(resolve, Math.random() * 5));
            await change(client, "agent_executions", execution.id, { status: "COMPLETED" });
            await client.query("commit");
            return;
          } catch (error) {
            await client.query("rollback");
            if ((error as { code?: string }).code !== "40001") {
              throw error;
            }
          }
        }
      } finally {
        client.release();
      }
    }

    for (const isolation of ["read committed", "repeatable read", "serializable"]) {
      it(`is COMPLETED by the last of eight workers, at ${isolation}`, () =>
        inParallel(isolation, (id, stage) => complete(isolation, id, stage)));
    }

    it("is COMPLETED once when 50 connections complete its eight executions in any order", async () => {
      const pool = database.pool("app", 50);
      const { id } = await add(pool, "learning_sessions");
      const executions = await Promise.all(
        [1, 2, 3, 4, 5, 6, 7, 8].map((stage_number) =>
          add(pool, "agent_executions", { session_id: id, stage_number, status: "RUNNING" }),
        ),
      );
      const seen = new Set<string>();
      await Promise.all(
        Array.from({ length: 50 }, async () => {
          for (const execution of [...executions].sort(() => Math.random() - 0.5)) {
            await change(pool, "agent_executions", execution.id, { status: "COMPLETED" });
            const session = (await find(pool, "learning_sessions", id)) as Row;
            seen.add(`${session.status} ${session.completed_at?.toISOString()}`);
          }
        }),
      );
      const session = (await find(pool, "learning_sessions", id)) as Row;
      assert.equal(session.status, "COMPLETED");
      seen.delete("IN_PROGRESS undefined");
      assert.deepEqual([...seen], [`COMPLETED ${session.completed_at.toISOString()}`]);
    });

    it("is COMPLETED without a deadlock when statements insert stages of many sessions in either order", async () => {
      const pool = database.pool("app", 16);
      const ids = await Promise.all(
        Array.from({ length: 20 }, async () => (await add(pool, "learning_sessions")).id as string),
      );
      await Promise.all(
        [1, 2, 3, 4, 5, 6, 7, 8].map((stage) =>
          pool.query(
            `insert into agent_executions (session_id, agent_type, stage_number, status)
             select id, 'RESEARCH', $2::integer, 'COMPLETED'
             from unnest($1::uuid[]) with ordinality session (id, place)
             order by place * case when $2::integer % 2 = 0 then 1 else -1 end`,
            [ids, stage],
          ),
        ),
      );
      for (const id of ids) {
        assert.equal((await find(pool, "learning_sessions", id))?.status, "COMPLETED");
      }
    });

    it("is COMPLETED without a deadlock when statements end stages of many sessions in either order", async () => {
      const pool = database.pool("app", 16);
      const stages = [1, 2, 3, 4, 5, 6, 7, 8];
      const ids = await Promise.all(
        Array.from({ length: 20 }, async () => (await add(pool, "learning_sessions")).id as string),
      );
      // Rows are updated in their physical order.
      for (const stage of stages) {
        await pool.query(
          `insert into agent_executions (session_id, agent_type, stage_number, status)
           select id, 'RESEARCH', $2::integer, 'RUNNING'
           from unnest($1::uuid[]) with ordinality session (id, place)
           order by place * case when $2::integer % 2 = 0 then 1 else -1 end`,
          [ids, stage],
        );
      }
      await Promise.all(
        stages.map((stage) =>
          pool.query(
            `update agent_executions set status = 'COMPLETED'
             where session_id = any ($1) and stage_number = $2`,
            [ids, stage],
          ),
        ),
      );
      for (const id of ids) {
        assert.equal((await find(pool, "learning_sessions", id))?.status, "COMPLETED");
      }
    });

    it("causes no deadlock when workers insert and finish in autocommit", () =>
      inParallel("autocommit", async (id, stage) => {
        const pool = database.pool("app", 16);
        const execution = await add(pool, "agent_executions", {
          session_id: id,
          stage_number: stage,
        });
        await change(pool, "agent_executions", execution.id, { status: "RUNNING" });
        await change(pool, "agent_executions", execution.id, { status: "COMPLETED" });
      }));
  });
});
