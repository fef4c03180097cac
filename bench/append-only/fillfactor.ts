import type { Client } from "pg";

import { median } from "../measure";
import { megabytes, milliseconds } from "./figures";

interface HotTable {
  name: string;
  create: string;
  fill: string;
  /** Touches some rows once. */
  update: string;
}

export const HOT_TABLES: HotTable[] = [
  {
    name: "user_sessions, last_accessed_at of 2 % of 200,000 rows at a time, 100 times",
    create: `create table hot (
      id uuid primary key default gen_random_uuid(), n integer not null, user_id uuid not null,
      session_token text not null unique, refresh_token text unique, expires_at timestamptz not null,
      created_at timestamptz not null default now(), last_accessed_at timestamptz not null default now(),
      ip_address inet, user_agent text)`,
    fill: `insert into hot (n, user_id, session_token, refresh_token, expires_at, ip_address, user_agent)
      select n, gen_random_uuid(), md5('s' || n) || md5('t' || n), md5('r' || n) || md5('u' || n),
        now() + n * interval '1 second', '192.0.2.1', repeat('agent ', 15)
      from generate_series(1, 200000) n;
      create index on hot (user_id); create index on hot (expires_at); create index on hot (n)`,
    update: "update hot set last_accessed_at = clock_timestamp() where n % 50 = $1",
  },
  {
    name: "content_analytics, the day's value of 2 % of 200,000 rows at a time, 100 times",
    create: `create table hot (
      id uuid primary key default gen_random_uuid(), n integer not null, content_id uuid not null,
      metric_name text not null, metric_value numeric(18, 4) not null, metric_date date not null,
      created_at timestamptz not null default now(), unique (content_id, metric_name, metric_date))`,
    fill: `insert into hot (n, content_id, metric_name, metric_value, metric_date)
      select n, gen_random_uuid(), 'average_rating', 4.5, current_date
      from generate_series(1, 200000) n;
      create index on hot (metric_name, metric_date); create index on hot (n)`,
    update: "update hot set metric_value = metric_value + 0.01 where n % 50 = $1",
  },
];

/** How many updates write no index, and how the table grows, by the room left in its pages. */
export async function measureFillfactor(client: Client, table: HotTable): Promise<void> {
  console.log(`\n${table.name}`);
  for (const fillfactor of [100, 90, 80, 70]) {
    await client.query(`drop table if exists hot; ${table.create};
      alter table hot set (fillfactor = ${fillfactor}); ${table.fill}`);
    await client.query("vacuum (analyze) hot");
    const before = await megabytes(client, "pg_total_relation_size('hot')");
    const took: number[] = [];
    for (let round = 0; round < 100; round++) {
      took.push(await milliseconds(() => client.query(table.update, [(round * 7) % 50])));
      if (round % 10 === 9) {
        // As autovacuum would by default, once 20 % of the rows have died.
        await client.query("vacuum hot");
      }
    }
    await client.query("select pg_stat_force_next_flush()");
    const { rows } = await client.query(
      `select round(100.0 * n_tup_hot_upd / n_tup_upd, 1) as hot from pg_stat_user_tables
       where relname = 'hot'`,
    );
    const after = await megabytes(client, "pg_total_relation_size('hot')");
    console.log(
      `  fillfactor ${fillfactor}`.padEnd(20) +
        `HOT ${rows[0].hot} %, ${median(took).toFixed(1)} ms for 4,000 rows, with indexes ${before} before, ${after} after`,
    );
  }
}
