/** What is in a database, so that a restored one can be compared with the one that was backed up. */
import { type Client, escapeIdentifier } from "pg";

import type { SchemaMigrationsInputs } from "../../../components/postgres/migration-inputs";
import {
  asAdministrator,
  type PostgresAdministrator,
} from "../../../components/postgres/postgres-client";
import type { DatabaseFacts, TableFacts } from "../manifest";

/** Schemas of PostgreSQL itself. */
const OWN = "n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'";

const TABLES = `
select n.nspname as schema, c.relname as name
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'r' and ${OWN} order by 1, 2`;

const OBJECTS = `
select kind, count(*)::int as number from (
  select case c.relkind when 'r' then 'tables' when 'p' then 'partitioned tables' when 'i' then 'indexes'
    when 'I' then 'partitioned indexes' when 'S' then 'sequences' when 'v' then 'views' when 'm' then 'materialized views'
    else 'other relations' end as kind
  from pg_class c join pg_namespace n on n.oid = c.relnamespace where ${OWN}
  union all
  select 'columns' from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
  where ${OWN} and c.relkind in ('r', 'p', 'v', 'm') and a.attnum > 0 and not a.attisdropped
  union all
  select 'constraints' from pg_constraint t join pg_namespace n on n.oid = t.connamespace where ${OWN} and t.contype <> 'n'
  union all
  select 'functions' from pg_proc p join pg_namespace n on n.oid = p.pronamespace where ${OWN}
  union all
  select 'triggers' from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
  where ${OWN} and not t.tgisinternal
) found group by kind order by kind`;

const LEDGER = "select name, checksum from migrations.ledger order by name";

/** The text of a row must not follow from settings of the session or the role. */
export const FIXED_TEXT = [
  "set timezone = 'UTC'",
  "set datestyle = 'ISO, YMD'",
  "set intervalstyle = 'postgres'",
  "set bytea_output = 'hex'",
  "set extra_float_digits = 1",
  // Reading everything takes longer than a service's statement may.
  "set statement_timeout = 0",
  "set idle_in_transaction_session_timeout = 0",
].join("; ");

/** PostgreSQL 18 lists NOT NULL among the constraints; it is left out, so that versions can be compared. */
export async function readFacts(client: Client): Promise<DatabaseFacts> {
  const { rows: tables } = await client.query<{ schema: string; name: string }>(TABLES);
  const { rows: objects } = await client.query<{ kind: string; number: number }>(OBJECTS);
  const facts: DatabaseFacts = {
    tables: {},
    objects: Object.fromEntries(objects.map(({ kind, number }) => [kind, number])),
    ledger: {},
  };
  for (const { schema, name } of tables) {
    const table = `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`;
    const { rows } = await client.query<{ rows: string; digest: string }>(
      `select count(*) as rows, coalesce(sum(hashtextextended(whole_row_::text, 0)::numeric), 0)::text as digest
       from ${table} whole_row_`,
    );
    facts.tables[`${schema}.${name}`] = tableFacts(rows[0]);
  }
  if ("migrations.ledger" in facts.tables) {
    const { rows } = await client.query<{ name: string; checksum: string }>(LEDGER);
    facts.ledger = Object.fromEntries(rows.map(({ name, checksum }) => [name, checksum]));
  }
  return facts;
}

const tableFacts = ({ rows, digest }: { rows: string; digest: string }): TableFacts => ({
  rows: Number(rows),
  digest,
});

/** Whether any table of a database but those of the migration runner has a row. */
export const hasRows = (
  administrator: PostgresAdministrator,
  { database, owner }: Pick<SchemaMigrationsInputs, "database" | "owner">,
): Promise<boolean> =>
  asAdministrator(
    administrator,
    async (client) => {
      await client.query(`set role ${escapeIdentifier(owner)}`);
      const { rows } = await client.query<{ schema: string; name: string }>(TABLES);
      const tables = rows
        .filter(({ schema }) => schema !== "migrations")
        .map(({ schema, name }) => `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`);
      for (const table of tables) {
        const found = await client.query(`select from ${table} limit 1`);
        if (found.rowCount) {
          return true;
        }
      }
      return false;
    },
    database,
  );
