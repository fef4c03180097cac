/** Compares two servers in everything that an upgrade carries over. */
import type { Client } from "pg";

import {
  asAdministrator,
  type PostgresAdministrator,
} from "../../components/postgres/postgres-client";
import { FIXED_TEXT, readFacts } from "../backup/content/facts";
import { factDifferences, rowsOf } from "../backup/manifest";

/** PostgreSQL's own roles differ from version to version. */
const ROLES = `
select rolname as name, md5(row(rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolbypassrls,
    rolconnlimit, rolpassword, rolvaliduntil,
    (select array_agg(row(d.datname, s.setconfig)::text order by d.datname)
     from pg_db_role_setting s left join pg_database d on d.oid = s.setdatabase where s.setrole = r.oid),
    (select array_agg(m.roleid::regrole::text order by 1) from pg_auth_members m where m.member = r.oid))::text) as value
from pg_authid r where rolname !~ '^pg_' order by 1`;

/** Who may do what in a database; by default, everybody may connect. */
const DATABASES = `
select datname as name, md5(row(datdba::regrole, datconnlimit,
    (select array_agg(item::text order by item::text) from unnest(coalesce(datacl, acldefault('d', datdba))) item))::text) as value
from pg_database where datname <> 'template0' order by 1`;

export interface Comparison {
  /** One sentence for each thing that differs. */
  differences: string[];
  /** What was compared, by database. */
  databases: { name: string; tables: number; rows: number; migrations: number }[];
}

/** Reads all rows of both, and updates the planner's statistics of the new one. */
export async function compareServers(
  before: PostgresAdministrator,
  after: PostgresAdministrator,
): Promise<Comparison> {
  const result: Comparison = { differences: [], databases: [] };
  for (const [what, statement] of [
    ["role", ROLES],
    ["rights on database", DATABASES],
  ] as const) {
    const [expected, found] = await Promise.all([
      namedValues(before, statement),
      namedValues(after, statement),
    ]);
    const names = [...new Set([...expected.keys(), ...found.keys()])].sort();
    result.differences.push(
      ...names
        .filter((name) => expected.get(name) !== found.get(name))
        .map((name) => `${what} ${name}: not as before`),
    );
  }
  for (const name of await databasesOf(before)) {
    const [expected, found] = await Promise.all([
      asAdministrator(before, readAll, name),
      asAdministrator(after, readAll, name),
    ]);
    result.differences.push(
      ...factDifferences(expected, found).map((difference) => `${name}: ${difference}`),
    );
    await asAdministrator(after, (client) => client.query("analyze"), name);
    result.databases.push({
      name,
      tables: Object.keys(found.tables).length,
      rows: rowsOf(found),
      migrations: Object.keys(found.ledger).length,
    });
  }
  return result;
}

const namedValues = (server: PostgresAdministrator, statement: string) =>
  asAdministrator(server, async (client) => {
    const { rows } = await client.query<{ name: string; value: string }>(statement);
    return new Map(rows.map(({ name, value }) => [name, value]));
  });

/** The databases that have data, without PostgreSQL's own. */
export const databasesOf = (server: PostgresAdministrator): Promise<string[]> =>
  asAdministrator(server, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      "select datname as name from pg_database where datallowconn and not datistemplate and datname <> 'postgres' order by 1",
    );
    return rows.map(({ name }) => name);
  });

async function readAll(client: Client) {
  await client.query(FIXED_TEXT);
  return readFacts(client);
}
