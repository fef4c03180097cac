import path from "node:path";

import { Client, type ClientConfig, Pool, type PoolClient } from "pg";

import { migrate, readMigrations } from "../../../migrator";
import { server } from "./hooks";

/** The databases that have a folder in sql/. */
export const DATABASES = [
  "user_service_db",
  "agent_orchestrator_db",
  "content_service_db",
  "payment_service_db",
] as const;
export type DatabaseName = (typeof DATABASES)[number];

/** `superuser` belongs to the cluster. The others are the roles of the database's service. */
export type Role = "superuser" | "migrator" | "app" | "readonly";

/** A database for a single test. */
export interface TestDatabase {
  readonly name: string;
  /** Prefix of its roles, for example "user_service". */
  readonly prefix: string;
  /** Connection settings of one role, including the password. */
  connection(role: Role): ClientConfig;
  /** A pool of at most `max` connections (default 10), ended by `drop`. */
  pool(role: Role, max?: number): Pool;
  /** Ends the pools and drops the database, even if clients are still connected to it. */
  drop(): Promise<void>;
}

/** Folder with one folder of migrations per database. */
export const SQL_ROOT = path.resolve(__dirname, "../../../sql");

const templates = new Map<DatabaseName, Promise<string>>();
const preparedRoles = new Map<string, Promise<void>>();
let created = 0;

/**
 * Creates a database as the platform provides it to a service: roles, grants and default privileges.
 * With a `template` it is a clone of that database after all its SQL. Otherwise it has no tables and
 * belongs to user_service.
 */
export async function createDatabase(template?: DatabaseName): Promise<TestDatabase> {
  const prefix = (template ?? DATABASES[0]).replace(/_db$/, "");
  const source = template && (await migratedTemplate(template, prefix));
  return makeDatabase(`test_${process.pid}_${++created}`, prefix, source);
}

/** Runs sql/<database> in `target` with the platform's own migration runner. */
async function applySql(database: DatabaseName, target: TestDatabase): Promise<void> {
  const { host, port } = server();
  await migrate(
    {
      host,
      port,
      database: target.name,
      user: `${target.prefix}_migrator`,
      password: server().password,
      owner: `${target.prefix}_owner`,
    },
    readMigrations(path.join(SQL_ROOT, database)),
  );
}

/** Runs `act` in a transaction of the role, which is always rolled back. */
export async function asRole<T>(
  database: TestDatabase,
  role: Role,
  act: (client: PoolClient) => Promise<T>,
): Promise<T> {
  const client = await database.pool(role).connect();
  try {
    await client.query("begin");
    return await act(client);
  } finally {
    await client.query("rollback");
    client.release();
  }
}

function migratedTemplate(database: DatabaseName, prefix: string): Promise<string> {
  let template = templates.get(database);
  if (!template) {
    template = makeTemplate();
    templates.set(database, template);
  }
  return template;

  async function makeTemplate() {
    const made = await makeDatabase(`template_${process.pid}_${database}`, prefix);
    await applySql(database, made);
    return made.name;
  }
}

async function makeDatabase(
  name: string,
  prefix: string,
  template?: string,
): Promise<TestDatabase> {
  const pools = new Map<string, Pool>();
  const owner = `${prefix}_owner`;
  const app = `${prefix}_app`;
  const readonly = `${prefix}_readonly`;

  function connection(role: Role): ClientConfig {
    const { host, port, user, password } = server();
    const login = role === "superuser" ? user : `${prefix}_${role}`;
    return { host, port, user: login, password, database: name };
  }

  await prepareRoles(prefix);
  await withClient({ ...connection("superuser"), database: "postgres" }, async (client) => {
    await client.query(
      `create database ${name} owner ${owner} template ${template ?? "template1"}`,
    );
    // A clone takes the template's contents, but not the rights on the database itself.
    await client.query(`revoke all on database ${name} from public`);
    await client.query(
      `grant connect on database ${name} to ${prefix}_migrator, ${app}, ${readonly}`,
    );
  });
  if (!template) {
    await withClient(connection("superuser"), (client) =>
      client.query(`
        revoke all on schema public from public;
        grant usage on schema public to ${app}, ${readonly};
        alter default privileges for role ${owner} revoke execute on functions from public;
        alter default privileges for role ${owner} in schema public
          grant select, insert, update, delete on tables to ${app};
        alter default privileges for role ${owner} in schema public
          grant execute on functions to ${app};
        alter default privileges for role ${owner} in schema public
          grant usage, select on sequences to ${app};
        alter default privileges for role ${owner} in schema public
          grant select on tables to ${readonly};
        alter default privileges for role ${owner} in schema public
          grant select on sequences to ${readonly};
      `),
    );
  }

  return {
    name,
    prefix,
    connection,
    pool(role, max = 10) {
      const key = `${role} ${max}`;
      let pool = pools.get(key);
      if (!pool) {
        pool = new Pool({ ...connection(role), max });
        pools.set(key, pool);
      }
      return pool;
    },
    async drop() {
      await Promise.all([...pools.values()].map((pool) => pool.end()));
      pools.clear();
      await withClient({ ...connection("superuser"), database: "postgres" }, async (client) => {
        await sessionsEnded(client, name);
        await client.query(`drop database ${name} with (force)`);
      });
    },
  };
}

/**
 * The sessions of an ended pool take a moment to disappear. If they were terminated in that moment, the
 * client would get an unhandled error. Waits for at most half a second.
 */
async function sessionsEnded(client: Client, name: string): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const { rowCount } = await client.query("select from pg_stat_activity where datname = $1", [
      name,
    ]);
    if (rowCount === 0) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function prepareRoles(prefix: string): Promise<void> {
  let roles = preparedRoles.get(prefix);
  if (!roles) {
    const { host, port, user, password } = server();
    roles = withClient({ host, port, user, password, database: "postgres" }, async (client) => {
      await client.query(`
        create role ${prefix}_owner nologin;
        create role ${prefix}_migrator login noinherit password '${password}' in role ${prefix}_owner;
        create role ${prefix}_app login password '${password}';
        create role ${prefix}_readonly login password '${password}';
      `);
    });
    preparedRoles.set(prefix, roles);
  }
  return roles;
}

async function withClient<T>(
  config: ClientConfig,
  act: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client(config);
  await client.connect();
  try {
    return await act(client);
  } finally {
    await client.end();
  }
}
