import type { Client } from "pg";

import { median } from "../measure";

export async function milliseconds(act: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await act();
  return performance.now() - start;
}

/** Median milliseconds and blocks read of five runs of a query. */
export async function cost(client: Client, sql: string): Promise<string> {
  const runs: { ms: number; blocks: number }[] = [];
  for (let run = 0; run < 5; run++) {
    const { rows } = await client.query(`explain (analyze, buffers, format json) ${sql}`);
    const [{ Plan: plan, "Execution Time": ms }] = rows[0]["QUERY PLAN"];
    runs.push({ ms, blocks: plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] });
  }
  const blocks = median(runs.map((run) => run.blocks));
  return `${median(runs.map(({ ms }) => ms)).toFixed(2)} ms, ${blocks} blocks`;
}

export async function megabytes(client: Client, expression: string): Promise<string> {
  const { rows } = await client.query(`select (${expression}) / 1048576.0 as size`);
  return `${Number(rows[0].size).toFixed(1)} MiB`;
}
