import type { Client } from "pg";

export const MONTHS = 12;
export const ROWS_A_MONTH = Number(process.argv[2] ?? 50_000);
/** Months of 30 days are counted from here. */
const FIRST_MONTH = "2025-01-01";
const INTERVAL_BETWEEN_ROWS = `interval '30 days' / ${ROWS_A_MONTH}`;

/** Appends a month's rows to the table logs, four of each execution, in order of time. */
export async function append(client: Client, month: number): Promise<void> {
  await client.query(`
    insert into logs (execution_id, operation, duration_ms, memory_used_mb, cpu_usage_percent, recorded_at)
    select md5(${month} || ':' || n / 4)::uuid, 'operation ' || n % 20, n % 5000, n % 900, n % 100,
      ${startOf(month)} + n * ${INTERVAL_BETWEEN_ROWS}
    from generate_series(0, ${ROWS_A_MONTH - 1}) n`);
}

/** The first instant of a month, in SQL. */
export const startOf = (month: number) =>
  `timestamptz '${FIRST_MONTH} UTC' + interval '${30 * month} days'`;
