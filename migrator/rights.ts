import { ServerFailure, Session } from "./session";

type Kind = "database" | "schema" | "table" | "sequence" | "function";

/** Privileges by kind of object and by role; the owner has all, and other roles have none. */
export type RightsDesign = Readonly<Record<Kind, Readonly<Record<string, readonly string[]>>>>;

/** A right on an object that differs from the design. */
export interface RightsFault {
  /** `grant on schema public to user_service_app`, `grant on future tables to public`. */
  object: string;
  state: "missing" | "altered" | "extra";
  /** Privileges of the design in alphabetical order, with commas; empty if there are none. */
  expected: string;
  found: string;
  /** SQL that fixes it, to run as the owner. */
  statement: string;
}

/** A right that files changed on purpose: the design does not apply to it. */
export interface RightsException {
  kind: Kind | "future";
  /** Name of the object without its schema and arguments; undefined for all of the kind. */
  name?: string;
  /** `public` or a role's name. */
  role: string;
}

interface RightsRow {
  kind: Kind;
  /** As GRANT names it: `table users`, `function touch()`; for default privileges `future tables`. */
  title: string;
  name: string;
  owner: string;
  grants: Record<string, string> | null;
  /** The owner's privileges by default; null for default privileges. */
  ownersOwn: string | null;
}

// Left out: objects of extensions, the runner's own schema, and rights on columns, which the snapshot compares.
const READ_RIGHTS = `
with extension_members as (
  select classid, objid from pg_depend where deptype = 'e'
), objects (kind, title, name, owner, acl, own_acl) as (
  select 'database', 'database ' || quote_ident(datname), datname::text, datdba,
    coalesce(datacl, acldefault('d', datdba)), acldefault('d', datdba)
  from pg_database where datname = current_database()
  union all
  select 'schema', 'schema public', 'public', nspowner,
    coalesce(nspacl, acldefault('n', nspowner)), acldefault('n', nspowner)
  from pg_namespace where nspname = 'public'
  union all
  select case relkind when 'S' then 'sequence' else 'table' end,
    case relkind when 'S' then 'sequence ' when 'v' then 'view ' when 'm' then 'materialized view '
      when 'f' then 'foreign table ' else 'table ' end || quote_ident(relname), relname::text, relowner,
    coalesce(relacl, acldefault(case relkind when 'S' then 's'::"char" else 'r' end, relowner)),
    acldefault(case relkind when 'S' then 's'::"char" else 'r' end, relowner)
  from pg_class
  where relnamespace = to_regnamespace('public') and relkind in ('r', 'p', 'v', 'm', 'f', 'S')
    and ('pg_class'::regclass, oid) not in (select * from extension_members)
  union all
  select 'function', case prokind when 'p' then 'procedure ' when 'a' then 'aggregate ' else 'function ' end
      || quote_ident(proname) || '(' || pg_get_function_identity_arguments(oid) || ')', proname::text, proowner,
    coalesce(proacl, acldefault('f', proowner)), acldefault('f', proowner)
  from pg_proc
  where pronamespace = to_regnamespace('public')
    and ('pg_proc'::regclass, oid) not in (select * from extension_members)
  union all
  select t.kind, 'future ' || t.kind || 's' || case when s.is_global then ' of all schemas' else '' end,
    '', current_user::text::regrole::oid,
    coalesce(d.defaclacl, case when s.is_global then acldefault(t.type, current_user::text::regrole) end), null
  from (values ('table', 'r'::"char"), ('sequence', 'S'), ('function', 'f')) t (kind, type)
  cross join (values (true), (false)) s (is_global)
  left join pg_default_acl d on d.defaclrole = current_user::text::regrole and d.defaclobjtype = t.type
    and d.defaclnamespace = case when s.is_global then 0 else coalesce(to_regnamespace('public')::oid, 0) end
), entries as (
  select distinct o.title, o.owner, entry.grantee,
    entry.privilege_type || case when entry.is_grantable then ' with grant option' else '' end as privilege
  from objects o, aclexplode(o.acl) entry
), grants as (
  select title, case grantee when 0 then 'public' when owner then 'owner' else pg_get_userbyid(grantee) end as grantee,
    string_agg(privilege, ', ' order by privilege) as privileges
  from entries group by title, owner, grantee
)
select kind, title, name, pg_get_userbyid(owner) as owner,
  (select jsonb_object_agg(grantee, privileges) from grants where grants.title = objects.title) as grants,
  (select string_agg(privilege_type, ', ' order by privilege_type) from aclexplode(own_acl) where grantee = owner)
    as "ownersOwn"
from objects order by title`;

/** The rights of a database that differ from the design. */
export interface Rights {
  faults: RightsFault[];
  /** Whether the design applies to the rights of an object, such as `table users`, and a role. */
  governs: (title: string, role: string) => boolean;
}

/**
 * Compares the rights on a database, its schema and all objects in it, and the owner's default privileges, with the
 * design of the target; without a design there are no faults. The session acts as the owner.
 * @param accepted privileges by object that stay although they differ from the design
 */
export async function readRights(
  session: Session,
  exceptions: readonly RightsException[],
  accepted: Record<string, string>,
): Promise<Rights> {
  const { rights: design, owner } = session.target;
  if (design === undefined) {
    return { faults: [], governs: () => false };
  }
  const rows = await session.query<RightsRow>(READ_RIGHTS);
  const byTitle = new Map(rows.map((row) => [row.title, row]));
  const faults = rows
    .flatMap((row) => findFaults(row, design, exceptions, owner))
    .filter(({ object, found }) => accepted[object] !== found);
  if (!rows.some(({ kind }) => kind === "schema")) {
    const statement = "create schema public";
    faults.unshift({
      object: "schema public",
      state: "missing",
      expected: "",
      found: "",
      statement,
    });
  }
  return {
    faults,
    governs: (title, role) => {
      const row = byTitle.get(title);
      return row !== undefined && !isExcepted(row, exceptions, role);
    },
  };
}

const isExcepted = (row: RightsRow, exceptions: readonly RightsException[], role: string) =>
  exceptions.some(
    (exception) =>
      exception.role === role &&
      exception.kind === (row.title.startsWith("future ") ? "future" : row.kind) &&
      (exception.name === undefined || exception.name === row.name),
  );

function findFaults(
  row: RightsRow,
  design: RightsDesign,
  exceptions: readonly RightsException[],
  owner: string,
): RightsFault[] {
  const grants = row.grants ?? {};
  const isFuture = row.title.startsWith("future ");
  const isGlobal = row.title.endsWith(" of all schemas");
  const wanted: Record<string, string> = Object.fromEntries(
    Object.entries(isGlobal ? {} : design[row.kind]).map(([role, privileges]) => [
      role,
      [...privileges].sort().join(", "),
    ]),
  );
  if (row.ownersOwn !== null) {
    wanted.owner = row.ownersOwn;
  }
  // Default privileges of the owner for itself cannot differ from what it has anyway.
  const roles = [...new Set([...Object.keys(wanted), ...Object.keys(grants)])].filter(
    (role) => !(isFuture && role === "owner") && !isExcepted(row, exceptions, role),
  );
  return roles.flatMap((role): RightsFault[] => {
    const [expected, found] = [wanted[role] ?? "", grants[role] ?? ""];
    if (expected === found) {
      return [];
    }
    const grantee = role === "owner" ? row.owner : role;
    return [
      {
        object: `grant on ${row.title} to ${grantee}`,
        state: found === "" ? "missing" : expected === "" ? "extra" : "altered",
        expected,
        found,
        statement: buildStatement(row, { isFuture, isGlobal, owner }, grantee, expected, found),
      },
    ];
  });
}

function buildStatement(
  { title, kind }: RightsRow,
  { isFuture, isGlobal, owner }: { isFuture: boolean; isGlobal: boolean; owner: string },
  role: string,
  expected: string,
  found: string,
): string {
  const where = isGlobal ? "" : " in schema public";
  const prefix = isFuture ? `alter default privileges for role ${quote(owner)}${where} ` : "";
  const target = isFuture
    ? `${kind}s`
    : title
        .replace(/^((materialized )?view|foreign table) /, "table ")
        .replace(/^aggregate /, "function ");
  const to = role === "public" ? role : quote(role);
  return [
    ...(found === "" ? [] : [`${prefix}revoke all on ${target} from ${to}`]),
    ...(expected === "" ? [] : [`${prefix}grant ${expected} on ${target} to ${to}`]),
  ].join("; ");
}

const quote = (name: string) =>
  /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;

/** Fixes what the owner may fix; read the rights again to find what is left. */
export async function restoreRights(session: Session, faults: RightsFault[]): Promise<void> {
  for (const { statement } of faults) {
    try {
      await session.query(`set search_path = public, pg_temp; begin; ${statement}; commit`);
    } catch (error) {
      if (!(error instanceof ServerFailure)) {
        throw error;
      }
      await session.query("rollback");
    }
  }
  await session.query("set search_path = pg_catalog, pg_temp");
}

/** A sentence with the rights that it should have and has, and the next step. */
export function formatRightsFault({ object, expected, found, statement }: RightsFault): string {
  const difference = object.startsWith("grant ")
    ? `should be ${expected || "none"}, but is ${found || "none"}`
    : "is missing";
  return `${object} ${difference}. The next up fixes it if the owner may; otherwise an administrator must run: ${statement}.`;
}
