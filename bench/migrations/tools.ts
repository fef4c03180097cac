/** The tools that are compared. Each is fetched on demand into a cache, and is no dependency of the project. */
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

import { ROOT } from "../../cli/paths";
import { inspect, migrate, readMigrations } from "../../migrator";
import { CACHE, must } from "../tools";
import { type Layout, LAYOUTS } from "./files";

export interface Database {
  host: string;
  port: number;
  name: string;
  /** Owner of the database. */
  user: string;
  password: string;
}

export interface Tool {
  /** With its version, as the table has it. */
  title: string;
  layout: Layout;
  /** Fetches what is missing. @throws Error with the reason where that is not possible */
  prepare(): Promise<void>;
  /** Runs the files of a folder on a database that has none yet. */
  apply(folder: string, database: Database): Promise<unknown>;
  /** Says what is pending. */
  status(folder: string, database: Database): Promise<unknown>;
}

const urlOf = ({ user, password, host, port, name }: Database) =>
  `postgres://${user}:${password}@${host}:${port}/${name}?sslmode=disable`;

/** A command with the login in its environment. */
const call = (command: string, args: string[], database: Database) =>
  must(command, args, {
    env: {
      ...process.env,
      PGHOST: database.host,
      PGPORT: String(database.port),
      PGUSER: database.user,
      PGPASSWORD: database.password,
      DATABASE_URL: urlOf(database),
    },
  });

/** Makes a folder of the cache by an action, unless it is there; a failed action leaves nothing. */
async function cached(name: string, make: (folder: string) => Promise<unknown>): Promise<void> {
  const folder = join(CACHE, name);
  if (!existsSync(folder)) {
    const part = `${folder}.part`;
    rmSync(part, { recursive: true, force: true });
    mkdirSync(part, { recursive: true });
    await make(part);
    renameSync(part, folder);
  }
}

const npmInstall =
  (...packages: string[]) =>
  (folder: string) =>
    must("npm", [
      ...["install", "--prefix", folder, "--no-save", "--no-audit", "--no-fund"],
      ...packages,
    ]);

const targetOf = ({ name, ...login }: Database) => ({
  ...login,
  database: name,
  owner: login.user,
});

const runningMigrator: Tool = {
  title: "`migrator/` in a running process",
  layout: LAYOUTS.migrator,
  prepare: () => Promise.resolve(),
  apply: (folder, database) => migrate(targetOf(database), readMigrations(folder)),
  status: (folder, database) => inspect(targetOf(database), readMigrations(folder)),
};

const migratorCommand = (command: string) => (folder: string, database: Database) =>
  call(
    process.execPath,
    [join(ROOT, "bench/migrations/migrator.js"), command, folder, database.name],
    database,
  );

const migratorProcess: Tool = {
  title: "`migrator/` as a process",
  layout: LAYOUTS.migrator,
  prepare: () => Promise.resolve(),
  apply: migratorCommand("apply"),
  status: migratorCommand("status"),
};

const NODE_PG_MIGRATE = "node-pg-migrate-9.0.0";

const nodePgMigrateCommand =
  (...flags: string[]) =>
  (folder: string, database: Database) => {
    const script = join(CACHE, NODE_PG_MIGRATE, "node_modules/node-pg-migrate/bin");
    const args = ["up", "--migrations-dir", folder, "--no-single-transaction", ...flags];
    return call(process.execPath, [join(script, "node-pg-migrate.js"), ...args], database);
  };

const nodePgMigrate: Tool = {
  title: "node-pg-migrate 9.0.0",
  layout: LAYOUTS.nodePgMigrate,
  prepare: () => cached(NODE_PG_MIGRATE, npmInstall("node-pg-migrate@9.0.0", "pg@8.23.1")),
  apply: nodePgMigrateCommand(),
  // It has no command for that.
  status: nodePgMigrateCommand("--dry-run"),
};

const FLYWAY = "flyway-13.12.1";

async function makeFlyway(folder: string): Promise<void> {
  const [recipe, libraries] = [join(ROOT, "bench/migrations/flyway"), join(folder, "lib")];
  const mvn = ["--quiet", "--batch-mode", "-Dstyle.color=never", "--file", join(recipe, "pom.xml")];
  await must("mvn", [...mvn, "dependency:copy-dependencies", `-DoutputDirectory=${libraries}`]);
  const classes = ["-cp", join(libraries, "*"), "-d", join(folder, "classes")];
  await must("javac", [...classes, join(recipe, "Launcher.java")]);
}

const flywayCommand = (command: string) => (folder: string, database: Database) => {
  const path = ["lib/*", "classes"].map((part) => join(CACHE, FLYWAY, part)).join(":");
  const url = `jdbc:postgresql://${database.host}:${database.port}/${database.name}`;
  return call("java", ["-cp", path, "Launcher", command, url, folder], database);
};

const flyway: Tool = {
  title: "Flyway 13.12.1",
  layout: LAYOUTS.flyway,
  prepare: () => cached(FLYWAY, makeFlyway),
  apply: flywayCommand("apply"),
  status: flywayCommand("status"),
};

const DBMATE = "dbmate-2.36.0";

const dbmateCommand = (command: string) => (folder: string, database: Database) => {
  const binary = join(
    CACHE,
    DBMATE,
    `node_modules/@dbmate/${process.platform}-${process.arch}/bin/dbmate`,
  );
  return call(binary, ["--no-dump-schema", "--migrations-dir", folder, command], database);
};

const dbmate: Tool = {
  title: "dbmate 2.36.0",
  layout: LAYOUTS.dbmate,
  prepare: () => cached(DBMATE, npmInstall("dbmate@2.36.0")),
  apply: dbmateCommand("migrate"),
  status: dbmateCommand("status"),
};

export const TOOLS: Tool[] = [runningMigrator, migratorProcess, nodePgMigrate, flyway, dbmate];
