/** Restores a dump into a new database beside the present one, and swaps the two by their names. */
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

import { type Client, escapeIdentifier, escapeLiteral } from "pg";

import { LAST_BACKUP } from "../../../catalog/monitor";
import type { SchemaMigrationsInputs } from "../../../components/postgres/migration-inputs";
import {
  asAdministrator,
  type PostgresAdministrator,
} from "../../../components/postgres/postgres-client";
import { feed } from "../../machine/piped";
import type { DatabaseFacts } from "../manifest";
import { FIXED_TEXT, readFacts } from "./facts";
import { administratorOf, type ToolPlace, toolProgram } from "./postgres-tools";

/** PostgreSQL keeps 63 bytes of a name. */
const KEPT_OF_NAME = 40;

/** While its dump is read. */
export const newName = (database: string) => `${database.slice(0, KEPT_OF_NAME)}_restoring`;

/** After the swap: `user_service_db_before_261127115300`. */
export const oldName = (database: string, now: Date) =>
  `${database.slice(0, KEPT_OF_NAME)}_before_${now.toISOString().replace(/\D/g, "").slice(2, 14)}`;

const OLD_NAME = (database: string) =>
  new RegExp(`^${database.slice(0, KEPT_OF_NAME)}_before_\\d{12}$`);

type Target = Pick<SchemaMigrationsInputs, "database" | "owner" | "extensions">;

/**
 * Makes the empty database that a dump is restored into. One that a killed restore left is dropped first.
 * @returns its name
 */
export async function createNew(
  administrator: PostgresAdministrator,
  { database, owner, extensions = [] }: Target,
): Promise<string> {
  const name = newName(database);
  await asAdministrator(administrator, async (client) => {
    await client.query(`drop database if exists ${escapeIdentifier(name)} with (force)`);
    await client.query(createStatement(name, owner));
    await copyRights(client, database, name);
  });
  await asAdministrator(
    administrator,
    async (client) => {
      for (const extension of extensions) {
        await client.query(`create extension if not exists ${escapeIdentifier(extension)}`);
      }
    },
    name,
  );
  return name;
}

/** @returns what the new database holds */
export async function restoreInto(
  administrator: PostgresAdministrator,
  place: ToolPlace,
  target: Target,
  dump: Readable,
): Promise<DatabaseFacts> {
  const { owner } = target;
  const name = await createNew(administrator, target);
  const command = ["pg_restore", "--exit-on-error", "--no-owner", `--role=${owner}`];
  await feed(toolProgram(place, command, administratorOf(administrator, name)), dump);
  return asAdministrator(
    administrator,
    async (client) => {
      await client.query(`set role ${escapeIdentifier(owner)}; ${FIXED_TEXT}`);
      // The first sessions of services find statistics.
      await client.query("analyze");
      return readFacts(client);
    },
    name,
  );
}

/** As components/postgres/service-database.ts makes it. */
const createStatement = (name: string, owner: string) =>
  `create database ${escapeIdentifier(name)} owner ${escapeIdentifier(owner)} template template0
   encoding 'UTF8' lc_collate 'C.UTF-8' lc_ctype 'C.UTF-8'`;

/** Nobody may connect to the new database who may not connect to the present one. */
const copyRights = async (client: Client, from: string, to: string): Promise<void> =>
  grantRights(client, to, await rightsOn(client, from));

/** A right on a database, as SQL names both. */
interface DatabaseRight {
  role: string;
  privilege: string;
}

/** The rights on a database besides its owner's; by default, everybody may connect. */
export async function rightsOn(client: Client, database: string): Promise<DatabaseRight[]> {
  const { rows } = await client.query<DatabaseRight>(
    `select case entry.grantee when 0 then 'public' else quote_ident(pg_get_userbyid(entry.grantee)) end as role,
       entry.privilege_type as privilege
     from pg_database, aclexplode(coalesce(datacl, acldefault('d', datdba))) entry
     where datname = $1 and entry.grantee <> datdba`,
    [database],
  );
  return rows;
}

/** Gives rights on a database, and nobody else has one besides its owner. */
export async function grantRights(
  client: Client,
  database: string,
  rights: readonly DatabaseRight[],
): Promise<void> {
  const on = `on database ${escapeIdentifier(database)}`;
  const grants = rights.map(({ role, privilege }) => `grant ${privilege} ${on} to ${role}`);
  await client.query([`revoke all ${on} from public`, ...grants].join("; "));
}

/** A database that takes the place of another of the same name. */
export interface Swap {
  database: string;
  /** Name of what comes. */
  from: string;
  /** Name that the present one gets. */
  to: string;
}

/** How often sessions are ended while a database waits for its new name. */
const POLL_MS = 200;

/**
 * Gives databases the places of others, all in one transaction: a run that is killed has changed all names or none. Sessions
 * on the present ones are ended, and clients connect again. RENAME first takes the lock that every new session needs
 * (PostgreSQL 16, src/backend/commands/dbcommands.c RenameDatabase, utils/init/postinit.c InitPostgres), then waits up to
 * five seconds for the sessions that are there, which a second connection ends meanwhile.
 * @throws DatabaseError of pg where a session does not end
 */
export async function swapDatabases(
  administrator: PostgresAdministrator,
  swaps: readonly Swap[],
): Promise<void> {
  const rename = (before: string, after: string) =>
    `alter database ${escapeIdentifier(before)} rename to ${escapeIdentifier(after)}`;
  const statements = swaps.flatMap(({ database, from, to }) => [
    rename(database, to),
    rename(from, database),
  ]);
  let isOver = false;
  const renaming = asAdministrator(administrator, (client) =>
    // Several statements in one query are one transaction.
    client.query(statements.join("; ")),
  ).finally(() => (isOver = true));
  const ending = asAdministrator(administrator, async (client) => {
    while (!isOver) {
      await endSessions(client, swaps);
      await sleep(POLL_MS);
    }
  });
  ending.catch(() => undefined);
  await renaming;
}

/** A session that the administrator may not end makes RENAME fail, which then says so. */
async function endSessions(client: Client, swaps: readonly Swap[]): Promise<void> {
  const names = swaps.flatMap(({ database, from }) => [database, from]);
  await client
    .query("select pg_terminate_backend(pid) from pg_stat_activity where datname = any ($1)", [
      names,
    ])
    .catch(() => undefined);
}

export const dropDatabase = (administrator: PostgresAdministrator, name: string) =>
  asAdministrator(administrator, (client) =>
    client.query(`drop database if exists ${escapeIdentifier(name)} with (force)`),
  );

/** Databases that restores have replaced and kept, the newest last. */
export async function keptDatabases(
  administrator: PostgresAdministrator,
  database: string,
): Promise<string[]> {
  const { rows } = await asAdministrator(administrator, (client) =>
    client.query<{ name: string }>("select datname as name from pg_database order by 1"),
  );
  return rows.map(({ name }) => name).filter((name) => OLD_NAME(database).test(name));
}

/** Notes in the database's comment when it was last backed up, for monitoring and for people. */
export const noteBackup = (administrator: PostgresAdministrator, database: string, at: string) =>
  asAdministrator(administrator, (client) =>
    client.query(
      `comment on database ${escapeIdentifier(database)} is ${escapeLiteral(`${LAST_BACKUP}${at}`)}`,
    ),
  );
