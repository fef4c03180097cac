/** The rights on a database as SQL: the statements that set them, and the query that reads them. */
import { type Client, escapeIdentifier, escapeLiteral } from "pg";

import {
  type DatabaseRightsInputs,
  OBJECT_KINDS,
  type ObjectKind,
  type RoleRights,
} from "./database-rights-inputs";

/** The schema of a service's tables. */
export const SCHEMA = "public";
/** Every role of the server, as GRANT names it. */
const PUBLIC = "public";

type Wanted = Pick<DatabaseRightsInputs, "database" | "owner" | "roles">;

/** What the owner creates later, and gets its rights when it is created. */
const CREATED_LATER = { table: "tables", sequence: "sequences", function: "functions" } as const;

/**
 * The statements that give the roles exactly these rights and settings, to be run in one transaction.
 * @param former what the roles had before: settings that are not wanted any more are reset, and rights of roles that
 *   are not wanted any more are revoked
 */
export function rightsStatements(
  { database, owner, roles }: Wanted,
  former: DatabaseRightsInputs["roles"],
): string[] {
  const named = [...new Set([...Object.keys(roles), ...Object.keys(former)])].filter(
    (role) => role !== PUBLIC,
  );
  const set = (kind: ObjectKind, on: string, prefix = "") => [
    ...[PUBLIC, ...named].map((role) => `${prefix}revoke all on ${on} from ${grantee(role)}`),
    ...Object.entries(roles).flatMap(([role, rights]) =>
      (rights[kind] ?? []).length > 0
        ? [`${prefix}grant ${rights[kind]!.join(", ")} on ${on} to ${grantee(role)}`]
        : [],
    ),
  ];
  const defaults = `alter default privileges for role ${escapeIdentifier(owner)} `;
  return [
    ...set("database", `database ${escapeIdentifier(database)}`),
    ...set("schema", `schema ${SCHEMA}`),
    // For all schemas: the defaults of one schema can only add to what everybody has.
    `${defaults}revoke all on functions from ${PUBLIC}`,
    ...Object.entries(CREATED_LATER).flatMap(([kind, objects]) =>
      set(kind as ObjectKind, objects, `${defaults}in schema ${SCHEMA} `),
    ),
    ...settingStatements(roles, former),
  ];
}

function settingStatements(
  roles: DatabaseRightsInputs["roles"],
  former: DatabaseRightsInputs["roles"],
): string[] {
  const alter = (role: string, change: string) => `alter role ${escapeIdentifier(role)} ${change}`;
  const resets = Object.entries(former).flatMap(([role, { settings = {} }]) =>
    Object.keys(settings)
      .filter((setting) => !(setting in (roles[role]?.settings ?? {})))
      .map((setting) => alter(role, `reset ${escapeIdentifier(setting)}`)),
  );
  const sets = Object.entries(roles).flatMap(([role, { settings = {} }]) =>
    Object.entries(settings).map(([setting, value]) =>
      alter(role, `set ${escapeIdentifier(setting)} = ${escapeLiteral(value)}`),
    ),
  );
  return [...resets, ...sets];
}

/** PUBLIC is a word of the language, and no name. */
const grantee = (role: string) => (role === PUBLIC ? PUBLIC : escapeIdentifier(role));

/** Rights that nobody has set are those of acldefault(): PUBLIC may then connect, and call functions. */
const READ = `
with owner as (select oid from pg_roles where rolname = $1),
held (kind, grantee, privilege, grantable) as (
  select 'database', entry.grantee, entry.privilege_type, entry.is_grantable
  from pg_database, aclexplode(coalesce(datacl, acldefault('d', datdba))) entry
  where datname = current_database()
  union all
  select 'schema', entry.grantee, entry.privilege_type, entry.is_grantable
  from pg_namespace, aclexplode(coalesce(nspacl, acldefault('n', nspowner))) entry
  where nspname = '${SCHEMA}'
  union all
  select kind, entry.grantee, entry.privilege_type, entry.is_grantable
  from (values ('table', 'r'), ('sequence', 'S'), ('function', 'f')) known (kind, type)
  join pg_default_acl on defaclobjtype = type::"char" and defaclrole = (select oid from owner)
    and defaclnamespace = '${SCHEMA}'::regnamespace,
  aclexplode(defaclacl) entry
  union all
  select 'function', entry.grantee, entry.privilege_type, entry.is_grantable
  from owner left join pg_default_acl on defaclobjtype = 'f' and defaclrole = owner.oid and defaclnamespace = 0,
  aclexplode(coalesce(defaclacl, acldefault('f', owner.oid))) entry
)
select kind, case grantee when 0 then '${PUBLIC}' else pg_get_userbyid(grantee) end as role,
  array_agg(privilege order by privilege) as privileges
from (
  select distinct kind, grantee, privilege || case when grantable then ' WITH GRANT OPTION' else '' end as privilege from held
) held
where grantee = 0 or pg_get_userbyid(grantee)::text = any ($2)
group by kind, role`;

const READ_SETTINGS =
  "select rolname as role, rolconfig as config from pg_roles where rolname = any ($1)";

/**
 * Reads the rights and settings of the wanted roles, over a connection to the database. PUBLIC is among them if it has
 * any right; a role that does not exist is left out.
 */
export async function readRights(client: Client, wanted: Wanted): Promise<Wanted["roles"]> {
  const names = Object.keys(wanted.roles);
  const settings = await client.query<{ role: string; config: string[] | null }>(READ_SETTINGS, [
    names,
  ]);
  const roles: Record<string, RoleRights> = Object.fromEntries(
    settings.rows.map(({ role, config }) => [role, settingsOf(config, wanted.roles[role])]),
  );
  const { rows } = await client.query<{ kind: ObjectKind; role: string; privileges: string[] }>(
    READ,
    [wanted.owner, names],
  );
  for (const { kind, role, privileges } of rows) {
    (roles[role] ??= {})[kind] = privileges;
  }
  return roles;
}

/** Those of a role's settings that are wanted: others are left alone. */
function settingsOf(config: string[] | null, { settings }: RoleRights): RoleRights {
  if (settings === undefined) {
    return {};
  }
  const found = (config ?? []).map((entry) => {
    const at = entry.indexOf("=");
    return [entry.slice(0, at), entry.slice(at + 1)] as const;
  });
  return { settings: Object.fromEntries(found.filter(([name]) => name in settings)) };
}

/** One sentence for each right or setting that differs. */
export function rightsDifferences(wanted: Wanted["roles"], found: Wanted["roles"]): string[] {
  const roles = [...new Set([...Object.keys(wanted), ...Object.keys(found)])];
  return roles.flatMap((role) =>
    ([...OBJECT_KINDS, "settings"] as const).flatMap((key) => {
      const [expected, actual] = [wanted[role]?.[key], found[role]?.[key]].map(textOf);
      return expected === actual ? [] : [`${role}, ${key}: ${actual}, not ${expected}`];
    }),
  );
}

const textOf = (value: string[] | Record<string, string> | undefined): string =>
  (Array.isArray(value)
    ? value
    : Object.entries(value ?? {}).map(([name, setting]) => `${name}=${setting}`)
  ).join(" ") || "none";
