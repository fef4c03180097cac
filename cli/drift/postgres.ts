/** Databases and roles that are missing or were changed by hand. Objects inside of a database are its ledger's to compare. */
import type {
  DatabaseRightsInputs,
  RoleRights,
} from "../../components/postgres/database-rights-inputs";
import type { PostgresAdministrator } from "../../components/postgres/postgres-client";
import { asAdministrator } from "../../components/postgres/postgres-client";
import { TYPES } from "../resource-types";
import type { StackResource } from "../stack/state";
import { difference } from "./difference";
import type { Drift, DriftReport } from "./drift";

/** What a PostgreSQL server holds at this moment. */
export interface PostgresState {
  databases: Record<string, DatabaseState>;
  roles: Record<string, RoleState>;
}

interface DatabaseState {
  owner: string;
  /** Privileges on the database itself by role; `public` is every role. */
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

/** Properties of `postgresql.Role` that PostgreSQL keeps as settings. */
const ROLE_SETTINGS: Record<string, string> = {
  searchPaths: "search_path",
  statementTimeout: "statement_timeout",
  idleInTransactionSessionTimeout: "idle_in_transaction_session_timeout",
};

/** Resources that live on a database or a role: they are lost with it, so the engine must read them all again. */
const ON_SERVER = new Set<string>([
  TYPES.database,
  TYPES.role,
  TYPES.grant,
  TYPES.databaseRights,
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

interface Row {
  databases: PostgresState["databases"];
  roles: Record<string, Omit<RoleState, "settings"> & { config: string[] }>;
}

export async function checkPostgres(resources: readonly StackResource[]): Promise<DriftReport> {
  // Its inputs say where the server is, and who administers it.
  const rights = resources.find(({ type }) => type === TYPES.databaseRights);
  if (rights === undefined) {
    return { found: [], unanswered: [] };
  }
  const server = rights.inputs as unknown as PostgresAdministrator;
  const live = await readPostgres(server);
  return live
    ? { found: comparePostgres(resources, live), unanswered: [] }
    : { found: [], unanswered: [`PostgreSQL at ${server.host}:${server.port}`] };
}

/** @returns undefined where the server does not answer, or does not accept the administrator */
export async function readPostgres(
  server: PostgresAdministrator,
): Promise<PostgresState | undefined> {
  try {
    return await asAdministrator(server, async (client) => {
      const { rows } = await client.query<Row>(READ);
      const roles = Object.entries(rows[0].roles).map(([name, { config, ...role }]) => [
        name,
        { ...role, settings: Object.fromEntries(config.map(splitSetting)) },
      ]);
      return {
        databases: rows[0].databases,
        roles: Object.fromEntries(roles) as PostgresState["roles"],
      };
    });
  } catch {
    // The checks of containers and ledgers report why.
    return undefined;
  }
}

function splitSetting(entry: string): [string, string] {
  const at = entry.indexOf("=");
  return [entry.slice(0, at), entry.slice(at + 1)];
}

export function comparePostgres(resources: readonly StackResource[], live: PostgresState): Drift[] {
  const refresh = resources.filter(({ type }) => ON_SERVER.has(type)).map(({ urn }) => urn);
  return resources.flatMap((resource) =>
    compareResource(resource, resources, live).map((found) => ({
      ...{ urn: resource.urn, refresh },
      ...found,
    })),
  );
}

type Found = Omit<Drift, "urn">;
type Inputs = StackResource["inputs"];

function compareResource(
  { type, inputs }: StackResource,
  all: readonly StackResource[],
  live: PostgresState,
): Found[] {
  const name = String(inputs.name);
  switch (type) {
    case TYPES.database:
      return compareDatabase(name, inputs, live);
    case TYPES.role:
      return compareRole(name, inputs, live);
    case TYPES.databaseRights:
      return [
        ...compareRights(inputs as unknown as DatabaseRightsInputs, live),
        ...findStrangers(inputs as unknown as DatabaseRightsInputs, all, live),
      ];
    case TYPES.grant:
      return compareGrant(inputs, live);
    default:
      return [];
  }
}

function compareDatabase(name: string, { owner }: Inputs, live: PostgresState): Found[] {
  if (!(name in live.databases)) {
    const faultIfProtected =
      `The database ${name} is missing, with its tables. The stack protects it: restore it from a backup under its name, ` +
      `or add ${name} to learning-platform:allowDataLoss to have it recreated, empty.`;
    const sentence = `database ${name}: missing, with its tables; up recreates it empty`;
    return [{ sentence, faultIfProtected }];
  }
  const found = live.databases[name].owner;
  return sentences(`database ${name}`, found === owner ? [] : [difference("owner", found, owner)]);
}

function compareRole(name: string, inputs: Inputs, live: PostgresState): Found[] {
  if (!(name in live.roles)) {
    return [{ sentence: `role ${name}: missing` }];
  }
  const role = live.roles[name];
  const attributes = (Object.keys(ROLE_DEFAULTS) as (keyof typeof ROLE_DEFAULTS)[])
    .map((key) => [key, role[key], inputs[key] ?? ROLE_DEFAULTS[key]] as const)
    .filter(([, found, wanted]) => comparable(wanted) !== comparable(found))
    .map((values) => difference(...values));
  const settings = Object.entries(ROLE_SETTINGS).flatMap(([property, setting]) => {
    const value = inputs[property];
    const wanted = Array.isArray(value) ? value.join(", ") : value;
    return wanted === undefined ? [] : [[setting, String(wanted)] as const];
  });
  return sentences(`role ${name}`, [
    ...attributes,
    ...compareSettings(Object.fromEntries(settings), role),
  ]);
}

/** Compares rights on a whole database, and settings of sessions. */
function compareRights({ database, roles }: DatabaseRightsInputs, live: PostgresState): Found[] {
  const everybody: Record<string, RoleRights> = { public: {}, ...roles };
  return Object.entries(everybody).flatMap(
    ([role, { database: privileges = [], settings = {} }]) => [
      ...compareGrant({ database, role, objectType: "database", privileges }, live),
      ...(role in live.roles
        ? sentences(`role ${role}`, compareSettings(settings, live.roles[role]))
        : []),
    ],
  );
}

/** Roles of the stack that were let into a database which is none of theirs. Other roles are an administrator's own. */
function findStrangers(
  { database, owner, roles }: DatabaseRightsInputs,
  all: readonly StackResource[],
  live: PostgresState,
): Found[] {
  const ofType = (wanted: string) =>
    all.filter(({ type }) => type === wanted).map(({ inputs }) => inputs);
  const letIn = ofType(TYPES.grant).filter((grant) => grant.database === database);
  const own = new Set([owner, ...Object.keys(roles), ...letIn.map(({ role }) => String(role))]);
  return ofType(TYPES.role)
    .map(({ name }) => String(name))
    .filter((role) => !own.has(role))
    .flatMap((role) =>
      compareGrant({ database, role, objectType: "database", privileges: [] }, live).map(
        (found) => ({ ...found, refresh: [], revoke: { database, role } }),
      ),
    );
}

/** Compares rights on a whole database. */
function compareGrant(inputs: Inputs, live: PostgresState): Found[] {
  const { database, role, objectType, privileges } = inputs as Record<string, string>;
  const held = live.databases[database]?.privileges[role] ?? [];
  const isKnown = database in live.databases && (role === "public" || role in live.roles);
  return objectType === "database" && isKnown && comparable(privileges) !== comparable(held)
    ? sentences(`database ${database}`, [difference(`grant to ${role}`, held, privileges)])
    : [];
}

const sentences = (subject: string, differences: string[]): Found[] =>
  differences.map((text) => ({ sentence: `${subject}: ${text}` }));

const compareSettings = (wanted: Record<string, string>, { settings }: RoleState): string[] =>
  Object.keys(wanted)
    .filter((name) => settings[name] !== wanted[name])
    .map((name) => difference(name, settings[name], wanted[name]));

/** A value as text; the order of a list does not count. */
const comparable = (value: unknown) =>
  JSON.stringify(Array.isArray(value) ? [...value].sort() : value);
