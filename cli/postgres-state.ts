import { escapeIdentifier } from "pg";

import { asAdministrator } from "../components/postgres/postgres-client";
import type { RoleSettingsInputs } from "../components/postgres/role-settings-inputs";
import type { Deviation } from "./live";
import { type KeptResource, TYPES } from "./plan";

/** What a PostgreSQL server holds at this moment. */
export interface PostgresState {
  databases: Record<string, DatabaseState>;
  roles: Record<string, RoleState>;
}

interface DatabaseState {
  owner: string;
  /** Privileges on the database itself by role; `public` is everybody. */
  privileges: Record<string, string[]>;
}

interface RoleState {
  superuser: boolean;
  createDatabase: boolean;
  createRole: boolean;
  inherit: boolean;
  login: boolean;
  replication: boolean;
  bypassRowLevelSecurity: boolean;
  /** -1 is no limit. */
  connectionLimit: number;
  /** Roles of which it is a member. */
  roles: string[];
  /** Settings with which its sessions begin, as pg_roles.rolconfig writes them. */
  settings: Record<string, string>;
}

/** Defaults of `postgresql.Role`: cyrilgdn/terraform-provider-postgresql, resource_postgresql_role.go. */
const ROLE_DEFAULTS = {
  superuser: false,
  createDatabase: false,
  createRole: false,
  inherit: true,
  login: false,
  replication: false,
  bypassRowLevelSecurity: false,
  connectionLimit: -1,
  roles: [] as string[],
};

/** Properties of `postgresql.Role` that are kept as settings. */
const ROLE_SETTINGS: Record<string, string> = {
  searchPaths: "search_path",
  statementTimeout: "statement_timeout",
  idleInTransactionSessionTimeout: "idle_in_transaction_session_timeout",
};

/** Everything that a refresh of one server's databases reads. */
const REFRESHED = new Set<string>([
  TYPES.database,
  TYPES.role,
  TYPES.grant,
  TYPES.defaultPrivileges,
  TYPES.roleSettings,
  TYPES.migrations,
]);

const READ = `
select
  (select coalesce(json_object_agg(datname, json_build_object(
     'owner', pg_get_userbyid(datdba),
     'privileges', (
       select coalesce(json_object_agg(grantee, privileges), '{}')
       from (
         select case entry.grantee when 0 then 'public' else pg_get_userbyid(entry.grantee) end as grantee,
           json_agg(entry.privilege_type order by entry.privilege_type) as privileges
         from aclexplode(coalesce(datacl, acldefault('d', datdba))) entry
         group by entry.grantee
       ) held
     ))), '{}') from pg_database) as databases,
  (select coalesce(json_object_agg(rolname, json_build_object(
     'superuser', rolsuper, 'createDatabase', rolcreatedb, 'createRole', rolcreaterole,
     'inherit', rolinherit, 'login', rolcanlogin, 'replication', rolreplication,
     'bypassRowLevelSecurity', rolbypassrls, 'connectionLimit', rolconnlimit,
     'roles', array(select g.rolname from pg_auth_members m join pg_roles g on g.oid = m.roleid where m.member = r.oid),
     'config', coalesce(rolconfig, '{}')
   )), '{}') from pg_roles r) as roles`;

/**
 * Asks the server that the stack's roles live on.
 * @returns undefined where the stack has none yet, or it does not answer
 */
export async function readPostgres(
  resources: readonly Pick<KeptResource, "type" | "inputs">[],
): Promise<PostgresState | undefined> {
  const settings = resources.find(({ type }) => type === TYPES.roleSettings);
  if (settings === undefined) {
    return undefined;
  }
  try {
    return await asAdministrator(
      settings.inputs as unknown as RoleSettingsInputs,
      async (client) => {
        const { rows } = await client.query<Row>(READ);
        const roles = Object.entries(rows[0].roles).map(([name, { config, ...role }]) => [
          name,
          { ...role, settings: Object.fromEntries(config.map(splitSetting)) },
        ]);
        return {
          databases: rows[0].databases,
          roles: Object.fromEntries(roles) as PostgresState["roles"],
        };
      },
    );
  } catch {
    // Stopped, or of another password: containers and ledgers tell of that.
    return undefined;
  }
}

interface Row {
  databases: PostgresState["databases"];
  roles: Record<string, Omit<RoleState, "settings"> & { config: string[] }>;
}

/** What a role gets on objects that are there, by the kind for which it has default privileges. */
const ALL_OBJECTS: Record<string, string> = {
  table: "all tables",
  sequence: "all sequences",
  function: "all functions",
};

/**
 * Gives roles that were made again what their default privileges gave the ones before them: those of PostgreSQL
 * are for objects yet to come.
 */
export async function grantAgain(
  resources: readonly Pick<KeptResource, "type" | "inputs">[],
  roles: readonly string[],
): Promise<void> {
  const settings = resources.find(({ type }) => type === TYPES.roleSettings);
  const defaults = resources
    .filter(({ type }) => type === TYPES.defaultPrivileges)
    .map(({ inputs }) => inputs as unknown as DefaultPrivileges)
    .filter(
      ({ role, schema, objectType }) => roles.includes(role) && schema && objectType in ALL_OBJECTS,
    );
  for (const { database, role, schema, objectType, privileges } of settings ? defaults : []) {
    const grant =
      `grant ${privileges.join(", ")} on ${ALL_OBJECTS[objectType]} in schema ` +
      `${escapeIdentifier(schema)} to ${escapeIdentifier(role)}`;
    await asAdministrator(
      settings!.inputs as unknown as RoleSettingsInputs,
      (client) => client.query(grant),
      database,
    );
  }
}

interface DefaultPrivileges {
  database: string;
  role: string;
  schema: string;
  objectType: string;
  privileges: string[];
}

function splitSetting(entry: string): [string, string] {
  const at = entry.indexOf("=");
  return [entry.slice(0, at), entry.slice(at + 1)];
}

/**
 * What resources say and the server contradicts: databases and roles that are gone or were changed by hand.
 * @param resources those that a plan leaves as they are
 */
export function postgresContradictions(
  resources: readonly KeptResource[],
  live: PostgresState,
): Deviation[] {
  const found = resources.flatMap((resource) => contradictionOf(resource, live));
  // What lives on a database or a role goes with it, so that all is read again.
  const urns = resources.filter(({ type }) => REFRESHED.has(type)).map(({ urn }) => urn);
  return found.map((each) => ({ ...each, urns }));
}

type Found = Omit<Deviation, "urns">;

function contradictionOf({ type, inputs, protect }: KeptResource, live: PostgresState): Found[] {
  const name = String(inputs.name);
  switch (type) {
    case TYPES.database:
      return databaseContradiction(name, inputs, live, protect ?? false);
    case TYPES.role:
      return roleContradiction(name, inputs, live);
    case TYPES.roleSettings: {
      const wanted = inputs.roles as Record<string, Record<string, string>>;
      return Object.entries(wanted).flatMap(([role, settings]) =>
        role in live.roles ? changed(`role ${role}`, differing(settings, live.roles[role])) : [],
      );
    }
    case TYPES.grant:
      return grantContradiction(inputs, live);
    default:
      return [];
  }
}

function databaseContradiction(
  name: string,
  { owner }: Inputs,
  live: PostgresState,
  isProtected: boolean,
): Found[] {
  if (!(name in live.databases)) {
    const line = `The database ${name} is gone, and its tables with it`;
    const fault =
      `${line}. The stack protects it: restore it from a backup under its name, or add ${name} to ` +
      "learning-platform:allowDataLoss to have it made again, empty.";
    return [{ line: `${line}; up makes it again, empty.`, ...(isProtected ? { fault } : {}) }];
  }
  return changed(`database ${name}`, live.databases[name].owner === owner ? [] : ["owner"]);
}

type Inputs = KeptResource["inputs"];

function roleContradiction(name: string, inputs: Inputs, live: PostgresState): Found[] {
  if (!(name in live.roles)) {
    return [{ line: `The role ${name} is gone; up makes it again.`, lostRole: name }];
  }
  const role = live.roles[name];
  const attributes = (Object.keys(ROLE_DEFAULTS) as (keyof typeof ROLE_DEFAULTS)[]).filter(
    (key) => plain(inputs[key] ?? ROLE_DEFAULTS[key]) !== plain(role[key]),
  );
  const settings = Object.entries(ROLE_SETTINGS).flatMap(([property, setting]) => {
    const value = inputs[property];
    const wanted = Array.isArray(value) ? value.join(", ") : value;
    return wanted === undefined ? [] : [[setting, String(wanted)] as const];
  });
  return changed(`role ${name}`, [...attributes, ...differing(Object.fromEntries(settings), role)]);
}

/** Only rights on a whole database: those inside of it are the ledger's to compare. */
function grantContradiction(inputs: Inputs, live: PostgresState): Found[] {
  const { database, role, objectType, privileges } = inputs as Record<string, string>;
  const held = live.databases[database]?.privileges[role] ?? [];
  const isKnown = database in live.databases && (role === "public" || role in live.roles);
  return objectType === "database" && isKnown && plain(privileges) !== plain(held)
    ? changed(`database ${database}`, [`rights of ${role}`])
    : [];
}

const changed = (what: string, how: string[]): Found[] =>
  how.length > 0
    ? [{ line: `The ${what} was changed by hand (${how.join(", ")}); up puts it right.` }]
    : [];

const differing = (wanted: Record<string, string>, { settings }: RoleState): string[] =>
  Object.keys(wanted).filter((name) => settings[name] !== wanted[name]);

/** A value as text; the order of a list does not count. */
const plain = (value: unknown) => JSON.stringify(Array.isArray(value) ? [...value].sort() : value);
