import type { Client } from "pg";

import { cost, megabytes } from "./figures";
import { append, MONTHS, ROWS_A_MONTH, startOf } from "./logs";

/** What it takes to work out one operation's speed in the newest month. */
export async function measureCovering(client: Client): Promise<void> {
  console.log(`\none operation's 95th percentile in the newest month of ${ROWS_A_MONTH} rows`);
  const speed = `
    select percentile_cont(0.95) within group (order by duration_ms) from logs
    where operation = 'operation 7' and recorded_at >= ${startOf(MONTHS - 1)}
      and recorded_at < ${startOf(MONTHS)}`;
  for (const [name, include] of [
    ["(operation, recorded_at)", ""],
    ["(operation, recorded_at) include (duration_ms)", " include (duration_ms)"],
  ]) {
    await client.query(`
      drop table if exists logs;
      create table logs (
        id uuid not null default gen_random_uuid() primary key, execution_id uuid not null,
        operation text not null, duration_ms bigint not null, memory_used_mb numeric(12, 2),
        cpu_usage_percent numeric(7, 2), recorded_at timestamptz not null);
      create index on logs (operation, recorded_at)${include}`);
    for (let month = 0; month < MONTHS; month++) {
      if (month === MONTHS - 1) {
        await client.query("vacuum (analyze) logs");
      }
      await append(client, month);
    }
    await client.query("analyze logs");
    const fresh = await cost(client, speed);
    await client.query("vacuum logs");
    console.log(
      `  ${name.padEnd(48)} ${fresh}; after a vacuum ${await cost(client, speed)}; index ${await megabytes(
        client,
        "pg_relation_size('logs_operation_recorded_at_" + (include ? "duration_ms_" : "") + "idx')",
      )}`,
    );
  }
}
