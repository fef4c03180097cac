import type { Client } from "pg";

import { median } from "../measure";
import { cost, megabytes, milliseconds } from "./figures";
import { append, MONTHS, ROWS_A_MONTH, startOf } from "./logs";

/** Rows that one statement deletes. */
const BATCH = 1000;

interface Variant {
  name: string;
  /** A btree yields the oldest rows first; a BRIN index only says where rows older than that may be. */
  ordered?: boolean;
  /** Index that retention finds the oldest rows by; none where a month is a partition. */
  timeIndex?: string;
}

export const VARIANTS: Variant[] = [
  {
    name: "btree",
    ordered: true,
    timeIndex: "create index logs_time_idx on logs (recorded_at)",
  },
  { name: "brin", timeIndex: "create index logs_time_idx on logs using brin (recorded_at)" },
  { name: "partitions" },
];

async function createTable(client: Client, { timeIndex }: Variant): Promise<void> {
  await client.query(`
    drop table if exists logs;
    create table logs (
      id uuid not null default gen_random_uuid(),
      execution_id uuid not null,
      operation text not null,
      duration_ms bigint not null,
      memory_used_mb numeric(12, 2),
      cpu_usage_percent numeric(7, 2),
      recorded_at timestamptz not null,
      primary key (id${timeIndex ? "" : ", recorded_at"})
    ) ${timeIndex ? "" : "partition by range (recorded_at)"};
    create index on logs (execution_id);
    create index on logs (operation, recorded_at);
    ${timeIndex ?? ""}`);
}

async function addMonth(client: Client, variant: Variant, month: number): Promise<void> {
  if (!variant.timeIndex) {
    const bound = async (m: number) =>
      (await client.query(`select (${startOf(m)})::text as at`)).rows[0].at as string;
    await client.query(`create table logs_${month} partition of logs
      for values from ('${await bound(month)}') to ('${await bound(month + 1)}')`);
  }
  await append(client, month);
}

/** Removes a month the way the variant does; returns the milliseconds of each statement. */
async function removeMonth(client: Client, variant: Variant, month: number): Promise<number[]> {
  if (!variant.timeIndex) {
    return [await milliseconds(() => client.query(`drop table logs_${month}`))];
  }
  const took: number[] = [];
  for (let deleted = BATCH; deleted === BATCH;) {
    took.push(
      await milliseconds(async () => {
        const result = await client.query(
          `delete from logs where id = any (array(
             ${oldest(variant, month)} for update skip locked))`,
        );
        deleted = result.rowCount ?? 0;
      }),
    );
  }
  return took;
}

const oldest = ({ ordered }: Variant, month: number) =>
  `select id from logs where recorded_at < ${startOf(month + 1)}
     ${ordered ? "order by recorded_at" : ""} limit ${BATCH}`;

const TABLE_SIZE = `select sum(pg_relation_size(inhrelid)) from (
  select 'logs'::regclass as inhrelid
  union all select inhrelid from pg_inherits where inhparent = 'logs'::regclass) part`;

/** A year of months, read and appended to; then a year in which the oldest goes for each that comes. */
export async function measureRetention(client: Client, variant: Variant): Promise<void> {
  const say = (what: string, figure: string) => console.log(`  ${what.padEnd(58)} ${figure}`);
  console.log(`\n${variant.name}, ${MONTHS} months of ${ROWS_A_MONTH} rows`);
  await createTable(client, variant);
  const loads: number[] = [];
  for (let month = 0; month < MONTHS; month++) {
    loads.push(await milliseconds(() => addMonth(client, variant, month)));
  }
  await client.query("vacuum (analyze) logs");
  say("append, rows a second", (ROWS_A_MONTH / (median(loads) / 1000)).toFixed(0));
  say("table without indexes", await megabytes(client, TABLE_SIZE));
  if (variant.timeIndex) {
    say("index on time", await megabytes(client, "pg_relation_size('logs_time_idx')"));
  }
  say(
    "logs of one execution",
    await cost(client, `select * from logs where execution_id = md5('5:77')::uuid`),
  );
  const day = `${startOf(6)} + interval '3 days'`;
  say(
    "one operation's slowest of a day",
    await cost(
      client,
      `select * from logs where operation = 'operation 7' and recorded_at >= ${day}
         and recorded_at < ${day} + interval '1 day' order by duration_ms desc limit 20`,
    ),
  );
  say("finding the oldest 1,000", await cost(client, oldest(variant, 0)));
  for (let cycle = 0; cycle < MONTHS; cycle++) {
    const took = await removeMonth(client, variant, cycle);
    const vacuum = await milliseconds(() => client.query("vacuum (analyze) logs"));
    const total = took.reduce((sum, ms) => sum + ms, 0);
    if (cycle === 0 || cycle === MONTHS - 1) {
      say(
        `removing month ${cycle + 1}`,
        `${(total / 1000).toFixed(2)} s in ${took.length} statements, longest ${Math.max(...took).toFixed(0)} ms; vacuum ${(vacuum / 1000).toFixed(1)} s`,
      );
    }
    await addMonth(client, variant, MONTHS + cycle);
  }
  await client.query("vacuum (analyze) logs");
  say(
    `finding the oldest 1,000 after ${MONTHS} such months`,
    await cost(client, oldest(variant, MONTHS)),
  );
  say(`table after ${MONTHS} such months`, await megabytes(client, TABLE_SIZE));
  if (variant.timeIndex) {
    say(
      `index on time after ${MONTHS} such months`,
      await megabytes(client, "pg_relation_size('logs_time_idx')"),
    );
  }
}
