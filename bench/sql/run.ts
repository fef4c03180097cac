/** Prints what each trigger adds to a write. Asserts nothing. Arguments select tables by name. */
import { cpus } from "node:os";

import { Client } from "pg";

import { createDatabase, type TestDatabase } from "../../tests/sql/support/databases";
import { withServer } from "../../tests/sql/support/hooks";
import { median, processorTime } from "../measure";
import { type Case, CASES, SEEDED, seededId } from "./cases";

const ROUNDS = 5;
const SINGLES = 200;

// Durable like the platform's server, because a service mostly waits for that.
const SETTINGS = {
  fsync: "on",
  synchronous_commit: "on",
  full_page_writes: "on",
  shared_buffers: "256MB",
};

const INTRODUCTION = `Embedded PostgreSQL 16, ${cpus().length} processors; fsync and synchronous_commit on, autovacuum off.
Medians of ${ROUNDS} rounds, in milliseconds. One row: a prepared statement in a transaction of its own
over the loopback address, the median of ${SINGLES} in each round. 10,000 rows: one statement, rolled back.
"server" is the processor time of the session's server process, which hardly depends on other work on the
machine. "waited" is the time that the client waits, including the commit. "by hand" is one statement that
produces the same rows without triggers.
`;

type WayName = "without" | "with" | "by hand";

/** One way to run the write of a case, as the service's role. */
interface Way {
  name: WayName;
  client: Client;
  /** Of the server's process. */
  pid: number;
  sql: string;
}

/** Milliseconds. */
interface Time {
  server: number;
  waited: number;
}

const medianTime = (times: Time[]): Time => ({
  server: median(times.map(({ server }) => server)),
  waited: median(times.map(({ waited }) => waited)),
});

async function timed({ pid }: Way, act: () => Promise<unknown>): Promise<Time> {
  const [server, waited] = [processorTime(pid), performance.now()];
  await act();
  return { waited: performance.now() - waited, server: processorTime(pid) - server };
}

/** Two databases with the seed of a case: one with all triggers, one without the case's triggers. */
async function prepare({ database, table, triggers, seed }: Case): Promise<TestDatabase[]> {
  const sides = [await createDatabase(database), await createDatabase(database)];
  for (const side of sides) {
    // One string runs in one transaction.
    await side.pool("superuser").query(`set local session_replication_role = replica; ${seed}`);
    await side.pool("superuser").query("vacuum analyze");
  }
  const superuser = sides[1].pool("superuser");
  const { rows } = await superuser.query<{ tgname: string }>(
    `select tgname from pg_trigger
     where tgrelid = $1::regclass and not tgisinternal and tgname like any ($2)`,
    [table, triggers],
  );
  if (rows.length === 0) {
    throw new Error(`${table} has no trigger ${triggers.join(", ")}`);
  }
  for (const { tgname } of rows) {
    await superuser.query(`alter table ${table} disable trigger ${tgname}`);
  }
  return sides;
}

async function open(name: WayName, database: TestDatabase, sql: string): Promise<Way> {
  const client = new Client(database.connection("app"));
  await client.connect();
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
  return { name, client, pid: rows[0].pid, sql };
}

/** Runs single statements of all ways in turn, so that a busy moment affects all of them. */
async function singles(ways: Way[], first: number): Promise<Time[]> {
  const times = ways.map((): Time[] => []);
  for (let n = first; n < first + SINGLES; n++) {
    for (const [index, way] of ways.entries()) {
      const values = [seededId(1 + (n % SEEDED)), `${way.name} ${n}`];
      times[index].push(
        await timed(way, () => way.client.query({ name: "write", text: way.sql, values })),
      );
    }
  }
  return times.map(medianTime);
}

async function bulk(ways: Way[]): Promise<Time[]> {
  const times: Time[] = [];
  for (const way of ways) {
    await way.client.query("begin");
    times.push(await timed(way, () => way.client.query(way.sql.replaceAll("$2", "'Grace'"))));
    await way.client.query("rollback");
  }
  return times;
}

async function measure(measured: Case): Promise<Map<WayName, Time>> {
  const [on, off] = await prepare(measured);
  const ways: Way[] = [];
  try {
    ways.push(await open("without", off, measured.without ?? measured.sql));
    ways.push(await open("with", on, measured.sql));
    if (measured.byHand) {
      ways.push(await open("by hand", off, measured.byHand));
    }
    const rounds = new Map(ways.map((way) => [way.name, [] as Time[]]));
    // The first round fills caches and plans and does not count.
    for (let round = 0; round <= ROUNDS; round++) {
      const turn = ways.map((_, index) => ways[(index + round) % ways.length]);
      const times = measured.rows === 1 ? await singles(turn, round * SINGLES) : await bulk(turn);
      if (round > 0) {
        turn.forEach(({ name }, index) => rounds.get(name)?.push(times[index]));
      }
      for (const side of [on, off]) {
        await side.pool("superuser").query("vacuum");
      }
    }
    return new Map([...rounds].map(([name, times]) => [name, medianTime(times)]));
  } finally {
    await Promise.all(ways.map(({ client }) => client.end()));
    await on.drop();
    await off.drop();
  }
}

const WIDTHS = [-21, -38, 7, 8, 8, 8, 7, 8, 8];

const line = (cells: string[]) =>
  cells
    .map((cell, index) =>
      WIDTHS[index] < 0 ? cell.padEnd(-WIDTHS[index]) : cell.padStart(WIDTHS[index]),
    )
    .join("");

function report({ table, what, rows }: Case, figures: Map<WayName, Time>): void {
  const digits = rows === 1 ? 3 : 0;
  const server = (name: WayName) => figures.get(name)?.server.toFixed(digits) ?? "";
  const ratio = (kind: keyof Time, to: WayName) => {
    const [above, below] = [figures.get("with"), figures.get(to)];
    return above && below ? (above[kind] / below[kind]).toFixed(2) : "";
  };
  console.log(
    line([
      table,
      what,
      rows.toLocaleString("en"),
      server("without"),
      server("with"),
      server("by hand"),
      ratio("server", "without"),
      ratio("server", "by hand"),
      ratio("waited", "without"),
    ]),
  );
}

async function main(): Promise<void> {
  const tables = process.argv.slice(2);
  const chosen = CASES.filter(({ table }) => tables.length === 0 || tables.includes(table));
  console.log(INTRODUCTION);
  console.log(line(["", "", "", "server:", "", "", "with to", "with to", "waited:"]));
  console.log(
    line(["table", "write", "rows", "without", "with", "by hand", "without", "by hand", "ratio"]),
  );
  await withServer(SETTINGS, async () => {
    for (const measured of chosen) {
      report(measured, await measure(measured));
    }
  });
}

main().catch((error: unknown) => {
  console.error((error as Error).stack);
  process.exitCode = 1;
});
