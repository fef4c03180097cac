import type { ClientBase } from "pg";

export interface Column {
  name: string;
  type: string;
  nullable: boolean;
  default: string | null;
  /**
   * Set for a column that the database computes or numbers itself: "always", so that no statement may write it, or "by
   * default", where an insert gives no value.
   */
  generated: "always" | "by default" | null;
  comment: string | null;
}

/** A named constraint, index or trigger of a table with its SQL. */
export interface Definition {
  name: string;
  definition: string;
}

export interface Table {
  name: string;
  comment: string | null;
  /** Storage parameters, for example "fillfactor=90". */
  options: string[];
  columns: Column[];
  primaryKey: string[];
  /** Columns that are unique on their own. */
  uniqueColumns: string[];
  constraints: Definition[];
  /** Indexes that do not belong to a constraint. */
  indexes: Definition[];
  triggers: Definition[];
}

export interface ForeignKey {
  table: string;
  column: string;
  references: string;
  nullable: boolean;
  unique: boolean;
}

export interface SchemaFunction {
  signature: string;
  returns: string;
  comment: string | null;
}

/** Contents of a database's schema public, in an order that depends only on names. */
export interface Catalogue {
  tables: Table[];
  foreignKeys: ForeignKey[];
  functions: SchemaFunction[];
}

// Sorted byte by byte, because otherwise the order would depend on the server's collation.
const TABLES = `
  select c.relname as name,
    obj_description(c.oid, 'pg_class') as comment,
    coalesce(c.reloptions, '{}') as options,
    array(
      select json_build_object(
        'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
        'nullable', not a.attnotnull, 'default', pg_get_expr(d.adbin, d.adrelid),
        'generated', case when a.attgenerated <> '' or a.attidentity = 'a' then 'always'
          when a.attidentity = 'd' then 'by default' end,
        'comment', col_description(c.oid, a.attnum))
      from pg_attribute a
      left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      order by a.attnum
    ) as columns,
    array(
      select a.attname::text from pg_index i
      join pg_attribute a on a.attrelid = c.oid and a.attnum = any (i.indkey)
      where i.indrelid = c.oid and i.indisprimary
      order by a.attnum
    ) as "primaryKey",
    array(
      select distinct a.attname::text from pg_index i
      join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
      where i.indrelid = c.oid and i.indisunique and not i.indisprimary
        and i.indnkeyatts = 1 and i.indpred is null
    ) as "uniqueColumns",
    array(
      select json_build_object('name', k.conname, 'definition', pg_get_constraintdef(k.oid, true))
      from pg_constraint k
      where k.conrelid = c.oid and k.contype <> 't'
      order by array_position('{p,u,f,c}', k.contype::text), k.conname collate "C"
    ) as constraints,
    array(
      select json_build_object('name', i.indexrelid::regclass,
        'definition', pg_get_indexdef(i.indexrelid))
      from pg_index i
      where i.indrelid = c.oid
        and not exists (
          select from pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x'))
      order by i.indexrelid::regclass::text collate "C"
    ) as indexes,
    array(
      select json_build_object('name', t.tgname, 'definition', pg_get_triggerdef(t.oid, true))
      from pg_trigger t
      where t.tgrelid = c.oid and not t.tgisinternal
      order by t.tgname collate "C"
    ) as triggers
  from pg_class c
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
    and not c.relispartition
  order by c.relname collate "C"`;

const FOREIGN_KEYS = `
  select k.conrelid::regclass::text as table, a.attname as column,
    k.confrelid::regclass::text as references, not a.attnotnull as nullable,
    exists (
      select from pg_index i
      where i.indrelid = k.conrelid and i.indisunique and i.indnkeyatts = 1
        and i.indkey[0] = a.attnum and i.indpred is null
    ) as unique
  from pg_constraint k
  join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
  where k.contype = 'f' and k.connamespace = 'public'::regnamespace
  order by k.confrelid::regclass::text collate "C", k.conrelid::regclass::text collate "C", a.attname`;

const FUNCTIONS = `
  select p.proname || '(' || pg_get_function_arguments(p.oid) || ')' as signature,
    pg_get_function_result(p.oid) as returns,
    obj_description(p.oid, 'pg_proc') as comment
  from pg_proc p
  where p.pronamespace = 'public'::regnamespace
  order by p.proname collate "C", 1`;

/** Reads the catalogue. The search path must contain only public: otherwise names include their schema. */
export async function readCatalogue(client: ClientBase): Promise<Catalogue> {
  const tables = await client.query<Table>(TABLES);
  const foreignKeys = await client.query<ForeignKey>(FOREIGN_KEYS);
  const functions = await client.query<SchemaFunction>(FUNCTIONS);
  return { tables: tables.rows, foreignKeys: foreignKeys.rows, functions: functions.rows };
}
