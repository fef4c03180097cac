/** This project's migrator beside other tools, over the same files on a real PostgreSQL 16. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Client } from "pg";

import { type PostgresServer, startPostgres } from "../../tests/sql/support/postgres";
import { must } from "../baseline/tools";
import { median, seconds } from "../measure";
import { findTools, type Migration, type Tool } from "./tools";

const SIZES = [40, 500];
const ROUNDS = 5;

/** Files of the usual kinds: a table, an index, a column. */
const migrations = (count: number): Migration[] =>
  Array.from({ length: count }, (_, index) => {
    const number = index + 1;
    const table = `things_${Math.floor(index / 3)}`;
    const kinds = [
      [`create_${table}`, `create table ${table} (id bigint primary key, name text not null);`],
      [`index_${table}`, `create index ${table}_name_idx on ${table} (name);`],
      [`extend_${table}`, `alter table ${table} add column made_at timestamptz;`],
    ];
    const [name, sql] = kinds[index % kinds.length];
    return { number, name, sql: `${sql}\n` };
  });

async function onServer(server: PostgresServer, sql: string): Promise<void> {
  const { host, port, user, password } = server;
  const client = new Client({ host, port, user, password, database: "postgres" });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}

async function measure(tool: Tool, count: number, server: PostgresServer, root: string) {
  const folder = join(root, `${tool.title.replaceAll(/\W/g, "-")}-${count}`);
  mkdirSync(folder);
  tool.write(folder, migrations(count));
  const times = { apply: [] as number[], status: [] as number[], again: [] as number[] };
  for (let round = 0; round <= ROUNDS; round++) {
    const database = `peer_${round}`;
    await onServer(server, `drop database if exists ${database}`);
    await onServer(server, `create database ${database}`);
    const run = (act: "apply" | "status") => {
      const [command, ...args] = tool.command(act, server, database, folder);
      return seconds(() => must(command, args));
    };
    const measured = {
      apply: await run("apply"),
      again: await run("apply"),
      status: await run("status"),
    };
    if (round > 0) {
      Object.entries(measured).forEach(([act, time]) =>
        times[act as keyof typeof times].push(time),
      );
    }
  }
  return times;
}

/** Prints the table of docs/performance.md. */
export async function compareMigrations(): Promise<void> {
  const tools = await findTools();
  const server = await startPostgres();
  const root = mkdtempSync(join(tmpdir(), "learning-platform-peers-"));
  console.log(
    "\n| tool | files | apply all | apply none | status |\n| ---- | ----- | --- | --- | --- |",
  );
  try {
    for (const count of SIZES) {
      for (const tool of tools) {
        const { apply, again, status } = await measure(tool, count, server, root);
        const cells = [apply, again, status].map((times) => `${median(times).toFixed(2)} s`);
        console.log(`| ${[tool.title, count, ...cells].join(" | ")} |`);
      }
    }
  } finally {
    rmSync(root, { recursive: true });
    await server.stop();
  }
}
