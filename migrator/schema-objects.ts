import { escapeIdentifier } from "pg";

import { Session } from "./session";

/** An object of a database. Names are quoted if SQL needs it, and have no schema if that is `public`. */
export interface CatalogueObject {
  /** `table`, `column`, `constraint`, `index`, `function`, `trigger`, `grant`, `membership`, `comment` ... */
  kind: string;
  /** Name within its kind; for a grant the grantee, for a membership the member. */
  name: string;
  /** Title of the object that it belongs to: `table users`, `role user_service_owner`. */
  partOf: string | null;
  definition: string;
}

/** The objects of a database by title. */
export type Catalogue = ReadonlyMap<string, CatalogueObject>;

/** Raised when the query below changes the text of a name or a definition. */
const FORMAT = 2;

// Left out: system schemas, the runner's own schema, objects of extensions, and partitions, which upkeep creates and
// drops as time passes (their parents are in). Rights on the database and its schema, default privileges, and the
// extensions of the target belong to resources of the program, whose own refresh compares them.
const READ_CATALOGUE = `
with extension_members as (
  select classid, objid from pg_depend where deptype = 'e'
), schemas as (
  select n.oid, n.nspname, n.nspowner, n.nspacl,
    case when n.nspname = 'public' then '' else quote_ident(n.nspname) || '.' end as prefix
  from pg_namespace n
  where n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'migrations')
    and ('pg_namespace'::regclass, n.oid) not in (select * from extension_members)
), relations as (
  select c.*, s.prefix || quote_ident(c.relname) as name,
    case c.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence'
      when 'f' then 'foreign table' when 'c' then 'type' else 'table' end as kind
  from pg_class c join schemas s on s.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm', 'S', 'f', 'c') and not c.relispartition
    and ('pg_class'::regclass, c.oid) not in (select * from extension_members)
), functions as (
  select p.*, s.prefix || quote_ident(p.proname) || '(' || pg_get_function_identity_arguments(p.oid) || ')' as name,
    case p.prokind when 'p' then 'procedure' when 'a' then 'aggregate' else 'function' end as kind
  from pg_proc p join schemas s on s.oid = p.pronamespace
  where ('pg_proc'::regclass, p.oid) not in (select * from extension_members)
), types as (
  select t.*, s.prefix || quote_ident(t.typname) as name,
    case t.typtype when 'd' then 'domain' else 'type' end as kind
  from pg_type t join schemas s on s.oid = t.typnamespace
  where t.typtype in ('d', 'e', 'r')
    and ('pg_type'::regclass, t.oid) not in (select * from extension_members)
), constraints as (
  select c.*, r.kind as on_kind, r.name as on_name
  from pg_constraint c join relations r on r.oid = c.conrelid
  -- NOT NULL is a property of the column; PostgreSQL 18 has a constraint for it as well.
  where c.contype not in ('t', 'n')
  union all
  select c.*, t.kind, t.name from pg_constraint c join types t on t.oid = c.contypid where c.contype <> 'n'
), indexes as (
  select i.*, r.kind as table_kind, r.name as table_name, quote_ident(c.relname) as index_name
  from pg_index i
  join relations r on r.oid = i.indrelid
  join pg_class c on c.oid = i.indexrelid
), triggers as (
  select t.*, r.kind as table_kind, r.name as table_name from pg_trigger t join relations r on r.oid = t.tgrelid
  where not t.tgisinternal
), grants as (
  select kind || ' ' || name as what,
    relowner as owner,
    coalesce(relacl, acldefault(case relkind when 'S' then 's'::"char" else 'r'::"char" end, relowner)) as acl
  from relations where relkind <> 'c'
  union all
  select 'column ' || r.name || '.' || quote_ident(a.attname), r.relowner, a.attacl
  from pg_attribute a join relations r on r.oid = a.attrelid where a.attacl is not null
  union all
  select kind || ' ' || name, proowner,
    coalesce(proacl, acldefault('f', proowner))
  from functions
  union all
  select kind || ' ' || name, typowner, typacl from types where typacl is not null
  union all
  select 'schema ' || quote_ident(nspname), nspowner, nspacl from schemas where nspname <> 'public'
), service_roles as (
  select oid from pg_roles where rolname in (session_user, current_user)
  union
  select entry.grantee from pg_database d, aclexplode(d.datacl) entry
  where d.datname = current_database() and entry.grantee <> 0
)
select kind, name, null as "partOf", concat_ws(' ',
    'owner', relowner::regrole,
    case relpersistence when 'u' then 'unlogged' end,
    case when relrowsecurity then 'row security' end,
    case when relforcerowsecurity then 'forced' end,
    'partition by ' || pg_get_partkeydef(oid),
    'with (' || array_to_string(reloptions, ', ') || ')',
    case when relkind in ('v', 'm') then pg_get_viewdef(oid) end,
    (select 'sequence ' || concat_ws(' ', format_type(q.seqtypid, null), q.seqincrement, q.seqmin,
        q.seqmax, q.seqstart, q.seqcycle)
      from pg_sequence q where q.seqrelid = relations.oid)
  ) as definition
from relations
union all
select 'column', r.name || '.' || quote_ident(a.attname), r.kind || ' ' || r.name, concat_ws(' ',
    format_type(a.atttypid, a.atttypmod),
    (select 'collate ' || quote_ident(l.collname) from pg_collation l, pg_type t
      where l.oid = a.attcollation and t.oid = a.atttypid and a.attcollation <> t.typcollation),
    case when a.attnotnull then 'not null' end,
    case a.attidentity when 'a' then 'generated always as identity' when 'd' then 'generated by default as identity' end,
    case a.attgenerated
      when 's' then 'generated always as (' || pg_get_expr(d.adbin, d.adrelid) || ') stored'
      when 'v' then 'generated always as (' || pg_get_expr(d.adbin, d.adrelid) || ') virtual'
      else 'default ' || pg_get_expr(d.adbin, d.adrelid) end)
from pg_attribute a
join relations r on r.oid = a.attrelid
left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
where a.attnum > 0 and not a.attisdropped and r.relkind in ('r', 'p', 'f', 'c')
union all
select 'constraint', quote_ident(conname), on_kind || ' ' || on_name, pg_get_constraintdef(oid)
  || case when exists (select from pg_trigger where tgconstraint = constraints.oid and tgisinternal and tgenabled <> 'O')
    then ' not enforced: triggers disabled' else '' end
from constraints
union all
select 'index', index_name, table_kind || ' ' || table_name,
  pg_get_indexdef(indexrelid) || case when indisvalid then '' else ' invalid' end
from indexes
where indexrelid not in (select conindid from pg_constraint where contype in ('p', 'u', 'x'))
union all
select kind, name, null, concat_ws(' ', 'owner', proowner::regrole,
  case when prokind = 'a' then '' else 'md5 ' || md5(pg_get_functiondef(oid)) end)
from functions
union all
select 'trigger', quote_ident(tgname), table_kind || ' ' || table_name,
  pg_get_triggerdef(oid) || case tgenabled when 'O' then '' when 'D' then ' disabled'
    when 'R' then ' for replicas only' else ' always' end
from triggers where tgparentid = 0
union all
select kind, name, null, concat_ws(' ', 'owner', typowner::regrole,
  case when typtype = 'd' then format_type(typbasetype, typtypmod) end,
  case when typtype = 'd' and typnotnull then 'not null' end,
  'default ' || typdefault,
  (select 'enum (' || string_agg(quote_literal(enumlabel), ', ' order by enumsortorder) || ')'
    from pg_enum where enumtypid = types.oid),
  (select 'range of ' || format_type(rngsubtype, null) from pg_range where rngtypid = types.oid))
from types
union all
select 'policy', quote_ident(p.polname), r.kind || ' ' || r.name, concat_ws(' ',
  p.polcmd, case when p.polpermissive then 'permissive' else 'restrictive' end,
  (select string_agg(case role when 0 then 'public' else role::regrole::text end, ', ' order by role)
    from unnest(p.polroles) role),
  'using (' || pg_get_expr(p.polqual, p.polrelid) || ')',
  'with check (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')')
from pg_policy p join relations r on r.oid = p.polrelid
union all
select 'rule', quote_ident(w.rulename), r.kind || ' ' || r.name, pg_get_ruledef(w.oid) || case w.ev_enabled
  when 'O' then '' when 'D' then ' disabled' when 'R' then ' for replicas only' else ' always' end
from pg_rewrite w join relations r on r.oid = w.ev_class
where w.rulename <> '_RETURN'
union all
select 'statistics', s.prefix || quote_ident(x.stxname), r.kind || ' ' || r.name, pg_get_statisticsobjdef(x.oid)
from pg_statistic_ext x join schemas s on s.oid = x.stxnamespace join relations r on r.oid = x.stxrelid
union all
select 'extension', quote_ident(extname), null, extversion from pg_extension
union all
select 'schema', quote_ident(nspname), null, 'owner ' || nspowner::regrole from schemas
union all
select 'grant', case entry.grantee when 0 then 'public' else entry.grantee::regrole::text end, what,
  string_agg(entry.privilege_type || case when entry.is_grantable then ' with grant option' else '' end, ', '
    order by entry.privilege_type)
from grants, aclexplode(acl) entry
where entry.grantee <> owner
group by what, entry.grantee
union all
select 'membership', m.member::regrole::text, 'role ' || m.roleid::regrole,
  concat_ws(', ', case when bool_or(m.admin_option) then 'admin' end,
    case when bool_or(m.inherit_option) then 'inherit' end, case when bool_or(m.set_option) then 'set' end)
from pg_auth_members m
where m.roleid in (select * from service_roles) or m.member in (select * from service_roles)
-- An administrator who is no superuser has one membership from the server, and another one from itself.
group by m.roleid, m.member
union all
select 'attribute', attribute.name, 'role ' || quote_ident(r.rolname), 'set'
from pg_roles r, lateral (values ('superuser', r.rolsuper), ('createrole', r.rolcreaterole),
  ('createdb', r.rolcreatedb), ('replication', r.rolreplication), ('bypassrls', r.rolbypassrls)) attribute (name, is_set)
where attribute.is_set and r.oid in (select * from service_roles)
union all
select 'comment', '', what, 'md5 ' || md5(description)
from (
  select r.kind || ' ' || r.name as what, obj_description(r.oid, 'pg_class') as description from relations r
  union all
  select 'column ' || r.name || '.' || quote_ident(a.attname), col_description(r.oid, a.attnum)
  from relations r join pg_attribute a on a.attrelid = r.oid where a.attnum > 0 and not a.attisdropped
  union all
  select kind || ' ' || name, obj_description(oid, 'pg_proc') from functions
  union all
  select kind || ' ' || name, obj_description(oid, 'pg_type') from types
  union all
  select 'constraint ' || quote_ident(conname) || ' on ' || on_name, obj_description(oid, 'pg_constraint') from constraints
  union all
  select 'index ' || index_name || ' on ' || table_name, obj_description(indexrelid, 'pg_class') from indexes
  union all
  select 'trigger ' || quote_ident(tgname) || ' on ' || table_name, obj_description(oid, 'pg_trigger') from triggers
) comments
where description is not null`;

/** The name for people: `column users.email`, `grant on table users to user_service_app`. */
export function titleOf({ kind, name, partOf }: Omit<CatalogueObject, "definition">): string {
  switch (kind) {
    case "grant":
      return `grant on ${partOf} to ${name}`;
    case "comment":
      return `comment on ${partOf}`;
    case "membership":
      return `membership of ${name} in ${partOf}`;
    case "attribute":
      return `attribute ${name} of ${partOf}`;
    case "constraint":
    case "index":
    case "trigger":
    case "policy":
    case "rule":
      return `${kind} ${name} on ${withoutKind(partOf ?? "")}`;
    default:
      return `${kind} ${name}`;
  }
}

/** `users` of `table users`. */
const withoutKind = (title: string) => title.replace(/^((materialized|foreign) )?\S+ /, "");

/** Reads the objects of the database. The session acts as the owner, with a search path of pg_catalog. */
export async function readCatalogue(session: Session): Promise<Catalogue> {
  return byTitle(session, await session.query<CatalogueObject>(READ_CATALOGUE));
}

/** Indexes objects by title, without the extensions of the target, which an older snapshot may contain. */
export function byTitle({ target }: Session, objects: CatalogueObject[]): Catalogue {
  const others = new Set(target.extensions?.flatMap((name) => [name, escapeIdentifier(name)]));
  return new Map(
    objects
      .filter(({ kind, name }) => kind !== "extension" || !others.has(name))
      .map((object) => [titleOf(object), object]),
  );
}

/** The version of the definitions' text, from this query and the server's major version; only equal versions compare. */
export async function readWording(session: Session): Promise<string> {
  const [row] = await session.query<{ major: number }>(
    "select current_setting('server_version_num')::integer / 10000 as major",
  );
  return `${FORMAT}/${row?.major}`;
}
