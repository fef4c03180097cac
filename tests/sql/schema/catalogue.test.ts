import assert from "node:assert/strict";
import path from "node:path";

import { readMigrations } from "../../../migrator";
import { UPKEEP } from "../queries/upkeep";
import {
  asRole,
  createDatabase,
  DATABASES,
  SQL_ROOT,
  type TestDatabase,
} from "../support/databases";
import { CONTRACT } from "./contract";

describe("the schema", function () {
  this.timeout(30_000);

  it("has 28 tables in four databases", () => {
    const tables = DATABASES.flatMap((database) => Object.keys(CONTRACT[database].tables));
    assert.equal(tables.length, 28);
  });

  for (const name of DATABASES) {
    describe(`of ${name}`, () => {
      const contract = CONTRACT[name];
      let database: TestDatabase;

      before(async () => {
        database = await createDatabase(name);
      });
      after(() => database.drop());

      async function list(sql: string): Promise<string[]> {
        const { rows } = await database
          .pool("superuser")
          .query<{ item: string }>(`select item from (${sql}) listed order by item collate "C"`);
        return rows.map((row) => row.item);
      }

      it("has exactly the tables and columns of the contract, in their order", async () => {
        assert.deepEqual(
          await list(`
            select c.relname || ': ' || string_agg(a.attname, ' ' order by a.attnum) as item
            from pg_class c
            join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
            where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm')
            group by c.oid, c.relname`),
          Object.entries(contract.tables)
            .map(([table, columns]) => `${table}: ${columns}`)
            .sort(),
        );
      });

      it("has uuid keys made by the server, times with a zone and money without rounding", async () => {
        assert.deepEqual(
          await list(`
            select format('%s.%s %s %s', c.relname, a.attname, format_type(a.atttypid, null),
              pg_get_expr(d.adbin, d.adrelid)) as item
            from pg_class c
            join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
            left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
            where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
              and case
                when a.attname = 'id'
                  then a.atttypid <> 'uuid'::regtype
                    or pg_get_expr(d.adbin, d.adrelid) is distinct from 'gen_random_uuid()'
                when a.attname like '%\\_id' and a.attname not in
                    ('provider_payment_method_id', 'provider_transaction_id', 'event_id')
                  then a.atttypid <> 'uuid'::regtype
                when a.attname like '%\\_at' or a.attname like '%\\_period\\_%'
                  then a.atttypid not in ('timestamptz'::regtype, 'bool'::regtype)
                when a.attname like '%\\_usd' then a.atttypid <> 'numeric'::regtype
                else a.atttypid in ('timestamp'::regtype, 'money'::regtype, 'float8'::regtype,
                  'json'::regtype)
              end`),
          [],
        );
      });

      it("lists values in checks alone, and limits no text by its type", async () => {
        assert.deepEqual(
          await list(`
            select typname::text as item from pg_type
            where typnamespace = 'public'::regnamespace and typtype in ('e', 'd')
            union all
            select format('%s.%s', attrelid::regclass, attname)
            from pg_attribute join pg_class c on c.oid = attrelid
            where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
              and attnum > 0 and atttypid in ('varchar'::regtype, 'bpchar'::regtype)`),
          [],
        );
      });

      it("has exactly the functions of the contract and of the upkeep, run with the caller's rights", async () => {
        assert.deepEqual(
          await list(`
            select proname || case when prosecdef then ' as its owner' else '' end as item
            from pg_proc where pronamespace = 'public'::regnamespace`),
          [
            ...contract.functions,
            "check_batch",
            ...UPKEEP[name].map((upkeep) => upkeep.name),
          ].sort(),
        );
      });

      it("has exactly the triggers of the contract", async () => {
        assert.deepEqual(
          await list(`
            select format('%s %s %s %s EACH %s', t.tgrelid::regclass, p.proname,
              case when t.tgtype & 2 > 0 then 'BEFORE' else 'AFTER' end,
              concat_ws(' OR ',
                case when t.tgtype & 4 > 0 then 'INSERT' end,
                case when t.tgtype & 8 > 0 then 'DELETE' end,
                case when t.tgtype & 16 > 0 then 'UPDATE' end),
              case when t.tgtype & 1 > 0 then 'ROW' else 'STATEMENT' end) as item
            from pg_trigger t join pg_proc p on p.oid = t.tgfoid
            where not t.tgisinternal and t.tgenabled = 'O'`),
          contract.triggers.map((trigger) => trigger.join(" ")),
        );
      });

      it("says of every foreign key what a delete does", async () => {
        assert.deepEqual(
          await list(`
            select format('%s.%s %s', k.conrelid::regclass, a.attname,
              case k.confdeltype when 'c' then 'cascade' when 'n' then 'set null'
                when 'r' then 'restrict' else 'nothing stated' end) as item
            from pg_constraint k
            join pg_attribute a on a.attrelid = k.conrelid and a.attnum = any (k.conkey)
            where k.contype = 'f'`),
          Object.entries(contract.foreignKeys).map(([column, rule]) => `${column} ${rule}`),
        );
      });

      it("has an index that begins with each foreign key's column", async () => {
        assert.deepEqual(
          await list(`
            select k.conrelid::regclass || '.' || k.conname as item
            from pg_constraint k
            where k.contype = 'f' and not exists (
              select from pg_index i
              where i.indrelid = k.conrelid and i.indkey[0] = k.conkey[1] and i.indpred is null)`),
          [],
        );
      });

      it("has no index that another one makes needless", async () => {
        assert.deepEqual(
          await list(`
            with shape as (
              select i.indexrelid, i.indrelid, i.indisunique, c.relam,
                string_to_array(i.indkey::text, ' ') as columns,
                string_to_array(i.indclass::text, ' ') as classes,
                coalesce(pg_get_expr(i.indexprs, i.indrelid), '') as expressions,
                coalesce(pg_get_expr(i.indpred, i.indrelid), '') as predicate
              from pg_index i join pg_class c on c.oid = i.indexrelid
              where c.relnamespace = 'public'::regnamespace
            )
            select format('%s is covered by %s', a.indexrelid::regclass, b.indexrelid::regclass) as item
            from shape a
            join shape b on b.indrelid = a.indrelid and b.indexrelid <> a.indexrelid
              and b.relam = a.relam and b.predicate = a.predicate and b.expressions = a.expressions
              and b.columns[:cardinality(a.columns)] = a.columns
              and b.classes[:cardinality(a.classes)] = a.classes
            where not a.indisunique or b.columns = a.columns`),
          [],
        );
      });

      it("names every constraint and index after its table", async () => {
        assert.deepEqual(
          await list(`
            select conrelid::regclass || ': ' || conname as item from pg_constraint
            where connamespace = 'public'::regnamespace and contype <> 't'
              and not starts_with(conname, conrelid::regclass || '_')
            union all
            select indrelid::regclass || ': ' || c.relname
            from pg_index join pg_class c on c.oid = indexrelid
            where c.relnamespace = 'public'::regnamespace
              and not starts_with(c.relname, indrelid::regclass || '_')`),
          [],
        );
      });

      it("has a comment on every table and function", async () => {
        assert.deepEqual(
          await list(`
            select relname as item from pg_class
            where relnamespace = 'public'::regnamespace and relkind = 'r'
              and coalesce(obj_description(oid, 'pg_class'), '') = ''
            union all
            select proname from pg_proc
            where pronamespace = 'public'::regnamespace
              and coalesce(obj_description(oid, 'pg_proc'), '') = ''`),
          [],
        );
      });

      // A number or day has a unit. A check is a rule, and so is what null stands for, what is in a
      // document, and which row of another database an id means.
      it("has a comment on every column with a unit or a rule", async () => {
        assert.deepEqual(
          await list(`
            select c.relname || '.' || a.attname as item
            from pg_class c
            join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
            where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
              and coalesce(col_description(c.oid, a.attnum), '') = ''
              and (
                not a.attnotnull
                or a.atttypid = any ('{int2,int4,int8,numeric,date,jsonb,tsvector}'::regtype[])
                or exists (
                  select from pg_constraint k
                  where k.conrelid = c.oid and k.contype = 'c' and a.attnum = any (k.conkey))
                or a.attname like '%\\_id' and not exists (
                  select from pg_constraint k
                  where k.conrelid = c.oid and k.contype = 'f' and a.attnum = any (k.conkey)))`),
          [],
        );
      });

      it("belongs to the owner role and lets the service's roles at rows only", async () => {
        const rights = await list(`
          select distinct format('%s: %s', pg_get_userbyid(acl.grantee),
            string_agg(acl.privilege_type, ' ' order by acl.privilege_type)) as item
          from pg_class c, aclexplode(c.relacl) acl
          where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
            and acl.grantee <> c.relowner
          group by c.oid, acl.grantee`);
        assert.deepEqual(rights, [
          `${database.prefix}_app: DELETE INSERT SELECT UPDATE`,
          `${database.prefix}_readonly: SELECT`,
        ]);
        assert.deepEqual(
          await list(`
            select distinct pg_get_userbyid(owner) as item from (
              select relowner from pg_class where relnamespace = 'public'::regnamespace
              union all
              select proowner from pg_proc where pronamespace = 'public'::regnamespace
            ) object (owner)`),
          [`${database.prefix}_owner`],
        );
      });

      it("takes its repeatable files a second time and is the same", async () => {
        const { repeatable } = readMigrations(path.join(SQL_ROOT, name));
        const objects = `
          select pg_get_triggerdef(oid) as item from pg_trigger where not tgisinternal
          union all
          select pg_get_functiondef(oid) from pg_proc where pronamespace = 'public'::regnamespace`;
        const before = await list(objects);
        await asRole(database, "migrator", async (client) => {
          await client.query(`set local role ${database.prefix}_owner`);
          await client.query("set local search_path = public");
          for (const { sql } of repeatable) {
            await client.query(sql);
          }
          await client.query("commit");
        });
        assert.equal(repeatable.length, 4);
        assert.deepEqual(await list(objects), before);
      });

      it("comes without rows", async () => {
        for (const table of Object.keys(contract.tables)) {
          const { rowCount } = await database
            .pool("superuser")
            .query(`select from ${table} limit 1`);
          assert.equal(rowCount, 0, table);
        }
      });
    });
  }
});
