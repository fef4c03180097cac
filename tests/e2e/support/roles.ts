import { randomBytes } from "node:crypto";

import { Client, type ClientConfig, DatabaseError } from "pg";

import { DATABASES, SERVICES } from "../../support/contract";
import { platform } from "./hooks";
import { generatedPasswords } from "./passwords";

/** Name suffixes of a service's login roles. */
export const LOGINS = ["migrator", "app", "readonly"] as const;
export type Login = (typeof LOGINS)[number];

/** All login roles of the services. */
export const ROLES = SERVICES.flatMap((service) =>
  LOGINS.map((login) => ({ service, login, name: `${DATABASES[service].prefix}_${login}` })),
);

/** A role of the tests without rights. What it may do, every role may do. */
export const ANYBODY = "isolation_anybody";

/** The result of `outcome` for an act that was not refused. */
export const GRANTED = "granted";

/** SQLSTATE of the server's error, or that there was none. */
export async function outcome(act: Promise<unknown>): Promise<string> {
  try {
    await act;
    return GRANTED;
  } catch (error) {
    if (error instanceof DatabaseError) {
      return error.code ?? "";
    }
    throw error;
  }
}

export async function session<T>(
  config: ClientConfig,
  act: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client(config);
  await client.connect();
  try {
    return await act(client);
  } finally {
    await client.end();
  }
}

/** The `outcome` of a login. */
export const admitted = (config: ClientConfig) => outcome(session(config, () => Promise.resolve()));

export interface Roles {
  /** Connection settings for a role and a database. The default password is the role's own. */
  settings(user: string, database: string, password?: string): ClientConfig;
  asSuperuser<T>(database: string, act: (client: Client) => Promise<T>): Promise<T>;
  /** A session of the superuser that stays open during the tests. */
  superuser(): Client;
}

/** Adds hooks that create and drop ANYBODY, and knows the password of every role. */
export function useRoles(): Roles {
  const passwords: Record<string, string> = {};
  let superuser: Client;

  const roles: Roles = {
    settings(user, database, password = passwords[user]) {
      const { host, port } = platform().outputs.services["user-service"].database;
      return { host, port, user, database, password };
    },
    asSuperuser: (database, act) => session(roles.settings("postgres", database), act),
    superuser: () => superuser,
  };

  before(async () => {
    const generated = await generatedPasswords();
    for (const { service, login, name } of ROLES) {
      const resource = `${service}-${login}-password`;
      passwords[name] = generated.find((found) => found.name === resource)!.text;
    }
    passwords.postgres = platform().outputs.administrators.postgres.password;
    passwords[ANYBODY] = randomBytes(16).toString("hex");
    superuser = new Client(roles.settings("postgres", "postgres"));
    await superuser.connect();
    await superuser.query(`create role ${ANYBODY} login password '${passwords[ANYBODY]}'`);
  });

  after(async () => {
    await superuser.query(`drop role if exists ${ANYBODY}`);
    await superuser.end();
  });

  return roles;
}
