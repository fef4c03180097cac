/**
 * Prints the cost of the queries in docs/queries.md, for all of its rows or a share of them. Asserts nothing.
 * `npm run bench:queries -- [scale] [database ...]`: scale 1 needs 20 GB of disk and half an hour. Linux only.
 */
import type { PoolClient } from "pg";

import { type DocumentedQuery, readDocument } from "../tests/sql/queries/document";
import { fill, valuesOf } from "../tests/sql/queries/fill";
import { type Cost, costOf, type PlanMode } from "../tests/sql/queries/plan";
import { createDatabase, type DatabaseName, DATABASES } from "../tests/sql/support/databases";
import { withServer } from "../tests/sql/support/hooks";
import { median, processorTime } from "./measure";

const RUNS = 5;
const [scale = "1", ...names] = process.argv.slice(2);

/** Keeps all data in memory, because the bench compares plans, not disks. */
const SERVER = { shared_buffers: "2GB", max_wal_size: "8GB", maintenance_work_mem: "512MB" };

/** Words of the filled index. The number is a word's rank: 'w20' is the commonest. */
const SEARCHES = [
  "w5000 w9000",
  "w800 w1500",
  "w200 w300",
  "w150 w210",
  "w40 w60",
  "w20 w21",
  "w21 or w22",
];

async function main(): Promise<void> {
  const documented = readDocument();
  for (const name of DATABASES.filter((one) => names.length === 0 || names.includes(one))) {
    const database = await createDatabase(name);
    const client = await database.pool("superuser").connect();
    try {
      const start = performance.now();
      await fill(client, name, documented[name].rows, Number(scale));
      const seconds = (performance.now() - start) / 1000;
      const { rows } = await client.query("select pg_size_pretty(pg_database_size($1)) as size", [
        database.name,
      ]);
      console.log(`\n${name}: filled in ${seconds.toFixed(0)} s, ${rows[0].size}\n`);
      console.log("| query | returned | read | blocks | ms | ms of processor | by |");
      console.log("| --- | ---: | ---: | ---: | ---: | ---: | --- |");
      for (const query of documented[name].queries) {
        report(query.title, await costs(client, query, valuesOf(query)));
      }
      await searches(client, name, documented[name].queries);
    } finally {
      client.release();
      await database.drop();
    }
  }
}

async function searches(
  client: PoolClient,
  name: DatabaseName,
  queries: DocumentedQuery[],
): Promise<void> {
  const search = queries.find(({ title }) => title === "Search");
  for (const words of search ? SEARCHES : []) {
    const { rows } = await client.query(
      `select count(*) from content_search_index
       where search_vector @@ search_query('en', $1)`,
      [words],
    );
    const values = valuesOf(search as DocumentedQuery, { words: `'${words}'` });
    for (const mode of ["force_custom_plan", "force_generic_plan"] as const) {
      const title = `${name}, search "${words}", ${rows[0].count} matches, ${mode}`;
      report(title, await costs(client, search as DocumentedQuery, values, mode));
    }
  }
}

/** `processor` is the server process's time on a processor in milliseconds: planning, running and explaining. */
interface TimedCost extends Cost {
  processor: number;
}

/** Costs of several runs. The first one may have read from the disk. */
async function costs(
  client: PoolClient,
  query: DocumentedQuery,
  values: string[],
  mode: PlanMode = "force_custom_plan",
): Promise<TimedCost[]> {
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
  const found: TimedCost[] = [];
  for (let run = 0; run < RUNS; run++) {
    await client.query("begin");
    const before = processorTime(rows[0].pid);
    const cost = await costOf(client, query, values, mode);
    found.push({ ...cost, processor: processorTime(rows[0].pid) - before });
    await client.query("rollback");
  }
  return found;
}

function report(title: string, found: TimedCost[]): void {
  const { returned, read, blocks, sequential, indexes } = found[found.length - 1];
  const elapsed = median(found.map(({ milliseconds }) => milliseconds));
  const processor = median(found.map((cost) => cost.processor));
  const plan = [...new Set(indexes), ...sequential.map((table) => `SEQUENTIAL ${table}`)];
  const figures = [returned, read, blocks, elapsed.toFixed(2), processor.toFixed(2)];
  console.log(`| ${[title, ...figures, plan.join(", ")].join(" | ")} |`);
}

withServer(SERVER, main).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
