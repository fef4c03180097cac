/** The migrator beside other tools, with the same files on PostgreSQL 16 of the tests. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Client } from "pg";

import { startPostgres } from "../../tests/sql/support/postgres";
import { machineLine } from "../machine";
import { seconds } from "../measure";
import type { BenchOptions } from "../options";
import { measureCommands } from "./commands";
import { type GeneratedFile, generateFiles, type Layout, tablesOf } from "./files";
import { migrationsTable, type Times } from "./table";
import { type Database, type Tool, TOOLS } from "./tools";

const COUNTS = [40, 500];

/** Durable, as a server that people use. */
const SETTINGS = { fsync: "on", synchronous_commit: "on", full_page_writes: "on" };

const OWNER = "bench";

export async function compareMigrations(options: BenchOptions): Promise<void> {
  const times = [
    ...(await measureTools(options.rounds)),
    ...(await measureCommands(COUNTS, options)),
  ];
  console.log(`\nMedians of ${options.rounds}. ${machineLine()}, embedded PostgreSQL 16.\n`);
  console.log(migrationsTable(times));
}

async function measureTools(rounds: number): Promise<Times[]> {
  const tools = await fetchTools();
  const server = await startPostgres(SETTINGS);
  const folder = mkdtempSync(join(tmpdir(), "learning-platform-migrations-"));
  const { password } = server;
  const asSuperuser = (query: string) =>
    inDatabase({ ...server, name: "postgres" }, (client) => client.query(query));
  try {
    await asSuperuser(`create role ${OWNER} login password '${password}'`);
    const times: Times[] = [];
    for (const count of COUNTS) {
      const files = generateFiles(count);
      for (const tool of tools) {
        const own = join(folder, `${count}-${tools.indexOf(tool)}`);
        writeFiles(files, tool.layout, own);
        const { apply, status } = await measure(tool, own, tablesOf(files));
        times.push({ tool: tool.title, count, apply, status });
        console.log(`${tool.title}: ${count} files measured`);
      }
    }
    return times;
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true });
  }

  /** The first round is not counted. */
  async function measure(tool: Tool, own: string, tables: number) {
    const found = { apply: [] as number[], status: [] as number[] };
    for (let round = 0; round <= rounds; round++) {
      const { host, port } = server;
      const database = { host, port, name: `bench_${round}`, user: OWNER, password };
      await asSuperuser(`create database ${database.name} owner ${OWNER}`);
      const apply = await seconds(() => tool.apply(own, database));
      await requireTables(tool, database, tables);
      const status = await seconds(() => tool.status(own, database));
      await asSuperuser(`drop database ${database.name} with (force)`);
      if (round > 0) {
        found.apply.push(apply);
        found.status.push(status);
      }
    }
    return found;
  }
}

/** Those that are there or can be had; why another is left out is printed. */
async function fetchTools(): Promise<Tool[]> {
  const tools: Tool[] = [];
  for (const tool of TOOLS) {
    try {
      await tool.prepare();
      tools.push(tool);
    } catch (error) {
      console.log(`${tool.title} is left out: ${(error as Error).message}`);
    }
  }
  return tools;
}

function writeFiles(files: GeneratedFile[], layout: Layout, folder: string): void {
  mkdirSync(folder);
  files.forEach((file, index) => {
    const { name, text } = layout(file, index + 1);
    writeFileSync(join(folder, name), text);
  });
}

/** @throws Error where the tool did not do all of the work, so that its time says nothing */
async function requireTables(tool: Tool, database: Database, tables: number): Promise<void> {
  const { rows } = await inDatabase(database, (client) =>
    client.query<{ count: string }>("select count(*) from pg_tables where tablename ~ '^order'"),
  );
  if (Number(rows[0].count) !== tables) {
    throw new Error(`${tool.title} created ${rows[0].count} of ${tables} tables.`);
  }
}

async function inDatabase<T>(
  { name, host, port, user, password }: Database,
  act: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client({ host, port, user, password, database: name });
  await client.connect();
  try {
    return await act(client);
  } finally {
    await client.end();
  }
}
