/** The logins of PostgreSQL: each reaches its own database and no other, and has the rights that it should have. */
import type { Client } from "pg";

import type { ServiceName } from "../../catalog/services";
import { clientTls } from "../../components/platform/client-tls";
import type * as contract from "../../contract/connections";
import { checkPostgres } from "../drift/postgres";
import { TYPES } from "../resource-types";
import { failed } from "./errors";
import { type Check, type Finding, judged, right, wrong } from "./finding";
import { judgeDrift, once, type Platform, type PlatformDatabase } from "./platform";
import { withDatabase } from "./postgres";

/** A login of a service's role. */
interface Login {
  service: ServiceName;
  role: string;
  password: string;
  /** A migrator connects to the server itself, which may not be where services connect. */
  host: string;
  port: number;
  database: PlatformDatabase;
  /** Whether it reads rows and changes none. */
  isReadonly: boolean;
}

export function roleChecks(platform: Platform): Check[] {
  return [
    ...platform.databases.flatMap(loginsOf).map((login) => ({
      what: `role ${login.role}`,
      ask: () => tryLogin(login, platform.databases),
    })),
    ...rightsChecks(platform),
  ];
}

function loginsOf(database: PlatformDatabase): Login[] {
  const { service, inputs, connections } = database;
  const login = (
    { username: role, password, host, port }: Omit<contract.Login, "url">,
    isReadonly = false,
  ): Login => ({ service, role, password, host, port, database, isReadonly });
  return [login(inputs), login(connections.database), login(connections.databaseReadonly, true)];
}

/** One after the other: a refused session counts against the limit of its role until it has ended. */
async function tryLogin(login: Login, databases: readonly PlatformDatabase[]): Promise<Finding[]> {
  const own = await tryOwn(login);
  const others: Finding[] = [];
  for (const other of databases.filter(({ service }) => service !== login.service)) {
    others.push(await tryOther(login, other));
  }
  return [...own, ...others];
}

const connect = <T>(
  { role, password, host, port }: Login,
  { inputs: { database, trusted } }: PlatformDatabase,
  act: (client: Client) => Promise<T>,
): Promise<T> =>
  withDatabase({ host, port, user: role, password, database, ssl: clientTls(trusted) }, act);

/** What no login may do: create a table; and what a reader may not: delete rows, of which there are none. */
async function tryOwn(login: Login): Promise<Finding[]> {
  const { database, isReadonly, role } = login;
  return connect(login, database, async (client) => {
    const { rows } = await client.query<{ name: string }>(SOME_TABLE);
    const tries = [
      ["create tables", "create table public.platform_verify ()"],
      ...(isReadonly
        ? rows.map(({ name }) => ["delete rows", `delete from public.${name} where false`])
        : []),
    ];
    const may: string[] = [];
    for (const [act, sql] of tries) {
      may.push(...((await isRefused(client, sql)) ? [] : [`may ${act}`]));
    }
    const mayNot = tries.map(([act]) => `may not ${act}`).join(", ");
    return [judged(`${role} on ${database.inputs.database}`, may, `works, ${mayNot}`)];
  });
}

const SOME_TABLE = `
select quote_ident(relname) as name from pg_class
where relnamespace = 'public'::regnamespace and relkind = 'r' limit 1`;

/** Tries a statement in a transaction that is rolled back. */
async function isRefused(client: Client, sql: string): Promise<boolean> {
  await client.query("begin");
  try {
    await client.query(sql);
    return false;
  } catch (error) {
    if (!REFUSES_WRITES.has((error as { code?: string }).code ?? "")) {
      throw error;
    }
    return true;
  } finally {
    await client.query("rollback");
  }
}

const NOT_PERMITTED = "42501";
/** No right, and on a replica a transaction that only reads. Rights are compared on the primary. */
const REFUSES_WRITES = new Set([NOT_PERMITTED, "25006"]);
/** No line of pg_hba.conf, and no right to connect. */
const NOT_ADMITTED = new Set(["28000", NOT_PERMITTED]);

async function tryOther(login: Login, other: PlatformDatabase): Promise<Finding> {
  const what = `${login.role} on ${other.inputs.database}`;
  try {
    await connect(login, other, () => Promise.resolve());
    return wrong(what, "is let in", "refused");
  } catch (error) {
    const { code = "" } = error as { code?: string };
    return NOT_ADMITTED.has(code) ? right(what, "refused") : failed(what, error as Error);
  }
}

/** A refusal alone may come from pg_hba.conf, and hide a right that somebody gave by hand. */
function rightsChecks({ resources }: Platform): Check[] {
  const drift = once(() => checkPostgres(resources));
  return resources
    .filter(({ type }) =>
      [TYPES.databaseRights, TYPES.role, TYPES.database].some((of) => of === type),
    )
    .map((resource) => {
      const what = titleOf(resource.type, resource.inputs);
      return { what, ask: async () => [judgeDrift(what, await drift(), resource)] };
    });
}

function titleOf(type: string, inputs: Record<string, unknown>): string {
  switch (type) {
    case TYPES.databaseRights:
      return `rights on ${String(inputs.database)}`;
    case TYPES.role:
      return `attributes of ${String(inputs.name)}`;
    default:
      return `owner of ${String(inputs.name)}`;
  }
}
