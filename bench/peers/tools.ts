/** The migration tools that the benchmark compares, each with its own names and marks of files. */
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { buildSync } from "esbuild";

import { run } from "../../cli/machine/run";
import { ROOT } from "../../cli/paths";
import type { PostgresServer } from "../../tests/sql/support/postgres";
import { CACHE, must } from "../baseline/tools";

const NODE_PG_MIGRATE = "9.0.0";
const DBMATE = "2.36.0";
const FLYWAY = "11.14.1";

/** One migration without the marks of any tool. */
export interface Migration {
  /** From 1. */
  number: number;
  name: string;
  sql: string;
}

export interface Tool {
  title: string;
  /** Writes the files as the tool wants them. */
  write(folder: string, migrations: Migration[]): void;
  /** Its command for a database. */
  command(
    act: "apply" | "status",
    server: PostgresServer,
    database: string,
    folder: string,
  ): string[];
}

const padded = (number: number, digits: number) => String(number).padStart(digits, "0");

const urlOf = ({ user, password, host, port }: PostgresServer, database: string) =>
  `postgres://${user}:${password}@${host}:${port}/${database}?sslmode=disable`;

const writeAll = (
  folder: string,
  migrations: Migration[],
  name: (migration: Migration) => string,
  text: (sql: string) => string = (sql) => sql,
) => migrations.forEach((one) => writeFileSync(join(folder, name(one)), text(one.sql)));

/** Every tool that can be had here. Fetches what is missing, and says what cannot be had. */
export async function findTools(): Promise<Tool[]> {
  mkdirSync(CACHE, { recursive: true });
  const found: Tool[] = [];
  for (const find of [own, nodePgMigrate, dbmate, flyway]) {
    try {
      found.push(await find());
    } catch (error) {
      console.log(`${find.name} is not to be had: ${(error as Error).message}`);
    }
  }
  return found;
}

async function own(): Promise<Tool> {
  const outfile = join(CACHE, "own.js");
  buildSync({
    entryPoints: [join(ROOT, "bench/peers/own.ts")],
    outfile,
    ...{ bundle: true, platform: "node", external: ["libpg-query", "pg-native"] },
  });
  return {
    title: "this project",
    write: (folder, migrations) =>
      writeAll(folder, migrations, ({ number, name }) => `${padded(number, 4)}_${name}.sql`),
    command: (act, { host, port, user, password }, database, folder) => [
      ...[process.execPath, outfile, act, host, String(port), user, password, database, folder],
    ],
  };
}

/** Installs a package of npm with its dependencies in a folder of its own. */
async function npmPackage(name: string, ...packages: string[]): Promise<string> {
  const folder = join(CACHE, name);
  if (!existsSync(folder)) {
    const part = `${folder}.part`;
    mkdirSync(part, { recursive: true });
    writeFileSync(join(part, "package.json"), "{}");
    await must("npm", ["install", "--silent", "--no-audit", "--no-fund", ...packages], {
      cwd: part,
    });
    renameSync(part, folder);
  }
  return join(folder, "node_modules");
}

async function nodePgMigrate(): Promise<Tool> {
  const modules = await npmPackage(
    `node-pg-migrate-${NODE_PG_MIGRATE}`,
    ...[`node-pg-migrate@${NODE_PG_MIGRATE}`, "pg@8.23.1"],
  );
  return {
    title: `node-pg-migrate ${NODE_PG_MIGRATE}`,
    write: (folder, migrations) =>
      writeAll(
        folder,
        migrations,
        ({ number, name }) => `${padded(number, 17)}_${name}.sql`,
        (sql) => `-- Up Migration\n${sql}`,
      ),
    // It has no command that only shows the status: a dry run lists what is pending.
    command: (act, server, database, folder) => [
      ...["env", `DATABASE_URL=${urlOf(server, database)}`],
      ...[join(modules, ".bin/node-pg-migrate"), "up", "--migrations-dir", folder],
      ...["--migration-file-language", "sql", ...(act === "status" ? ["--dry-run"] : [])],
    ],
  };
}

async function dbmate(): Promise<Tool> {
  const modules = await npmPackage(`dbmate-${DBMATE}`, `dbmate@${DBMATE}`);
  return {
    title: `dbmate ${DBMATE}`,
    write: (folder, migrations) =>
      writeAll(
        folder,
        migrations,
        ({ number, name }) => `${padded(number, 14)}_${name}.sql`,
        (sql) => `-- migrate:up\n${sql}`,
      ),
    command: (act, server, database, folder) => [
      ...[join(modules, ".bin/dbmate"), "--url", urlOf(server, database), "--no-dump-schema"],
      ...["--migrations-dir", folder, act === "apply" ? "migrate" : "status"],
    ],
  };
}

async function flyway(): Promise<Tool> {
  const folder = join(CACHE, `flyway-${FLYWAY}`);
  const source = join(ROOT, "bench/peers");
  if (!existsSync(folder)) {
    const part = `${folder}.part`;
    const pom = ["--file", join(source, "pom.xml"), `-DoutputDirectory=${part}`];
    await must("mvn", ["--quiet", "--batch-mode", "dependency:copy-dependencies", ...pom]);
    await must("javac", ["-cp", `${part}/*`, "-d", part, join(source, "FlywayRunner.java")]);
    renameSync(part, folder);
  }
  const { code } = await run("java", ["-version"]);
  if (code !== 0) {
    throw new Error("there is no Java");
  }
  return {
    title: `Flyway ${FLYWAY}`,
    write: (target, migrations) =>
      writeAll(target, migrations, ({ number, name }) => `V${number}__${name}.sql`),
    command: (act, { host, port, user, password }, database, target) => [
      ...["java", "-cp", `${folder}:${folder}/*`, "FlywayRunner"],
      ...[act === "apply" ? "migrate" : "info", `jdbc:postgresql://${host}:${port}/${database}`],
      ...[user, password, target],
    ],
  };
}
