import { ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

import type { PoolClient } from "pg";

import { MigrationFiles, MigrationTarget, readMigrations } from "../../../migrator";
import { createDatabase, TestDatabase } from "../support/databases";

/** An empty database, the account that migrates it, and a query function for the tests. */
export interface Subject {
  database: TestDatabase;
  target: MigrationTarget;
  /** Rows of a query by the superuser. */
  rows<Row extends object>(sql: string, values?: unknown[]): Promise<Row[]>;
}

export async function createSubject(): Promise<Subject> {
  const database = await createDatabase();
  const { host, port, user, password } = database.connection("migrator");
  return {
    database,
    target: {
      host: String(host),
      port: Number(port),
      database: database.name,
      user: String(user),
      password: String(password),
      owner: `${database.prefix}_owner`,
    },
    async rows<Row extends object>(sql: string, values?: unknown[]) {
      return (await database.pool("superuser").query<Row>(sql, values)).rows;
    },
  };
}

/** Runs a test with its own database. */
export function withSubject(test: (subject: Subject) => Promise<void>): () => Promise<void> {
  return async () => {
    const subject = await createSubject();
    try {
      await test(subject);
    } finally {
      await subject.database.drop();
    }
  };
}

export type Contents = Record<string, string | Uint8Array>;

/** Calls `use` with a folder of these files, which is removed afterwards. */
export function withFolder<T>(contents: Contents, use: (directory: string) => T): T {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "migrations-"));
  try {
    for (const [name, content] of Object.entries(contents)) {
      const location = path.join(directory, name);
      fs.mkdirSync(path.dirname(location), { recursive: true });
      fs.writeFileSync(location, content);
    }
    return use(directory);
  } finally {
    fs.rmSync(directory, { recursive: true, force: true });
  }
}

export function migrations(contents: Contents): MigrationFiles {
  return withFolder(contents, readMigrations);
}

/** `count` files that each insert one row into the table witness; the first file creates it. */
export function witnesses(count: number, more = ""): Contents {
  const name = (number: number) => `${String(number).padStart(4, "0")}_add_witness.sql`;
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => {
      const create = index === 0 ? "create table witness (number integer);\n" : "";
      return [name(index + 1), `${create}insert into witness values (${index + 1});\n${more}`];
    }),
  );
}

/** The number of rows per witness; each must be 1. */
export async function witnessCounts({ rows }: Subject): Promise<Map<number, number>> {
  const found = await rows<{ number: number; times: number }>(
    "select number, count(*)::integer as times from witness group by number order by number",
  );
  return new Map(found.map(({ number, times }) => [number, times]));
}

export function recorded({ rows }: Subject): Promise<{ name: string }[]> {
  return rows("select name from migrations.ledger order by kind desc, version, name");
}

/** Calls `act` while another connection is in a transaction that has run `sql`. */
export async function whileOpen<T>(
  { database }: Subject,
  sql: string,
  act: (release: () => Promise<unknown>, other: PoolClient) => Promise<T>,
): Promise<T> {
  const other = await database.pool("superuser").connect();
  try {
    await other.query(`begin; ${sql}`);
    return await act(() => other.query("rollback"), other);
  } finally {
    await other.query("rollback");
    other.release();
  }
}

/** Polls until `ready` returns a value. */
export async function until<T>(ready: () => Promise<T | undefined>, withinMs = 10_000): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const answer = await ready();
    if (answer !== undefined) {
      return answer;
    }
    if (Date.now() > deadline) {
      throw new Error(`did not come true within ${withinMs} ms: ${ready}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Starts a runner in its own process; it is ready, and runs after `begin`. */
export async function startChild(target: MigrationTarget, files: MigrationFiles) {
  const child: ChildProcess = fork(path.join(__dirname, "child.ts"), {
    execArgv: ["--require", "tsx/cjs"],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const exited = once(child, "exit");
  child.send({ target, files });
  await once(child, "message");
  return {
    begin: () => child.send("begin"),
    /** Settles when the run has the lock and starts its first file, or has ended. */
    atWork: () => Promise.race([once(child, "message"), exited]),
    async kill() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}
