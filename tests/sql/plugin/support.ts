/** The stand-in plugin's resources on the suite's PostgreSQL, without the engine. */
import { randomBytes } from "node:crypto";
import path from "node:path";
import { pathToFileURL } from "node:url";

import { Client } from "pg";

import { server } from "../support/hooks";

export type Values = Record<string, unknown>;

/** A resource type of the plugin, as offline/plugins/provider-server.js describes it. */
export interface ResourceType {
  properties: Record<string, { default?: unknown }>;
  create(inputs: Values): Promise<{ id: string; state: Values }>;
  read(id: string, state: Values, importing: boolean): Promise<{ state: Values } | undefined>;
  update(id: string, old: Values, inputs: Values): Promise<Values>;
  delete(id: string, state: Values): Promise<void>;
}

const TYPES = {
  database: ["database.js", "databaseType"],
  role: ["role.js", "roleType"],
  grant: ["grant.js", "grantType"],
  grantRole: ["grant-role.js", "grantRoleType"],
  defaultPrivileges: ["default-privileges.js", "defaultPrivilegesType"],
  extension: ["extension.js", "extensionType"],
} as const;

export type Plugin = Record<keyof typeof TYPES, ResourceType>;

const FOLDER = path.resolve(__dirname, "../../../offline/plugins/postgresql");
const load = (file: string) =>
  import(pathToFileURL(path.join(FOLDER, file)).href) as Promise<
    Record<string, (argument: unknown) => unknown> & { Server: new (settings: unknown) => unknown }
  >;

/** The plugin as the engine configures it; `config` holds the provider's settings as text. */
export async function plugin(config: Record<string, string> = {}): Promise<Plugin> {
  const { host, port, user, password } = server();
  const { readSettings } = await load("settings.js");
  const { Server } = await load("server.js");
  const settings = { host, port: `${port}`, username: user, password, sslmode: "disable" };
  const instance = new Server(readSettings({ ...settings, ...config }));
  const types = Object.entries(TYPES).map(async ([name, [file, make]]) => {
    const { [make]: typeOf } = await load(`resources/${file}`);
    return [name, withDefaults(typeOf(instance) as ResourceType)] as const;
  });
  return Object.fromEntries(await Promise.all(types)) as Plugin;
}

/** Fills in what an absent input stands for, as the gRPC side does. */
function withDefaults(type: ResourceType): ResourceType {
  const defaults = Object.entries(type.properties).filter(
    ([, given]) => given.default !== undefined,
  );
  const filled = (inputs: Values) => ({
    ...Object.fromEntries(defaults.map(([name, given]) => [name, given.default])),
    ...inputs,
  });
  return {
    ...type,
    create: (inputs) => type.create(filled(inputs)),
    update: (id, old, inputs) => type.update(id, old, filled(inputs)),
  };
}

/** Runs one statement as the superuser, in `postgres` unless a database is named. */
export async function sql<Row extends Values>(
  text: string,
  values: unknown[] = [],
  database = "postgres",
): Promise<Row[]> {
  const { host, port, user, password } = server();
  const client = new Client({ host, port, user, password, database });
  await client.connect();
  try {
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end();
  }
}

/** A name that no other test uses. */
export const fresh = (start: string) => `${start}_${randomBytes(4).toString("hex")}`;

/** Removes databases and roles of these names, whatever state a test left them in. */
export async function removed(databases: readonly string[], roles: readonly string[]) {
  for (const name of databases) {
    await sql(`drop database if exists "${name}" with (force)`);
  }
  for (const role of roles) {
    const [there] = await sql("select from pg_roles where rolname = $1", [role]);
    if (there) {
      await sql(`drop owned by "${role}"`);
      await sql(`drop role "${role}"`);
    }
  }
}

/** Whether the promise is settled, however, within this time. */
export const settlesWithin = (milliseconds: number, promise: Promise<unknown>): Promise<boolean> =>
  Promise.race([
    promise.then(
      () => true,
      () => true,
    ),
    new Promise<boolean>((resolve) => setTimeout(() => resolve(false), milliseconds)),
  ]);
