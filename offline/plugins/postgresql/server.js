// @ts-check
/**
 * Work on a PostgreSQL server: pools of connections, locks and memberships as the original has them
 * (cyrilgdn/terraform-provider-postgresql ff936b9, postgresql/config.go and helpers.go), and errors that
 * say what failed.
 */
import pg from "pg";
import { encryption } from "./settings.js";

export const { escapeIdentifier: identifier } = pg;

/** @typedef {import("./settings.js").Settings} Settings */
/** @typedef {pg.Client} Client */

/** @param {any} error @returns {boolean} whether the database asked for is not there */
export function isMissingDatabase(error) {
  return error?.code === "3D000" || error?.cause?.code === "3D000";
}

/**
 * Lets a limited number of holders in at a time: SetMaxOpenConns of config.go:316. Whoever is not let in
 * waits without limit.
 */
class Gate {
  /** @param {number} places 0 for no limit */
  constructor(places) {
    this.free = places || Infinity;
    /** @type {(() => void)[]} */
    this.waiting = [];
  }

  async enter() {
    if (this.free > 0) this.free--;
    else await new Promise((resolve) => this.waiting.push(() => resolve(undefined)));
  }

  leave() {
    const next = this.waiting.shift();
    if (next) next();
    else this.free++;
  }
}

/** A failure on the server, told with all that the server said. */
class ServerError extends Error {
  /** @param {string} what @param {any} cause */
  constructor(what, cause) {
    const more = [cause.detail, cause.hint].filter(Boolean).join("; ");
    const code = cause.code ? ` [${cause.code}]` : "";
    super(
      `cannot ${what}: ${cause.message || cause.code || cause}${more ? ` (${more})` : ""}${code}`,
      { cause },
    );
  }
}

export class Server {
  /** @param {Settings} settings */
  constructor(settings) {
    this.settings = settings;
    /** @type {Map<string, Gate>} one for each database */
    this.gates = new Map();
  }

  /** @param {string} database @returns {Promise<Client>} */
  async #connect(database) {
    const { host, port, username, password, connectTimeout, sslmode } = this.settings;
    const ssl = encryption(this.settings);
    /** @param {ReturnType<typeof encryption>} encrypted */
    const open = async (encrypted) => {
      const client = new pg.Client({
        host,
        port,
        user: username,
        password,
        database,
        ssl: encrypted,
        connectionTimeoutMillis: connectTimeout * 1000,
        application_name: "pulumi-resource-postgresql",
      });
      client.on("error", () => {}); // A connection lost while idle shows at the next query.
      await client.connect();
      return client;
    };
    try {
      return await open(ssl);
    } catch (error) {
      const optional = sslmode === "prefer" || sslmode === "allow";
      const plainOnly = error instanceof Error && /does not support SSL/.test(error.message);
      if (optional && plainOnly) return open(false);
      const hint = plainOnly
        ? new Error(`${error.message}; set sslmode to disable to connect without`)
        : error;
      throw new ServerError(
        `connect to database ${database} on ${host}:${port} as ${username}`,
        hint,
      );
    }
  }

  /**
   * Works on a connection of the database's pool, which is closed afterwards: SetMaxIdleConns(0) of config.go:315.
   * @template T
   * @param {string} database
   * @param {(client: Client) => Promise<T>} work
   * @returns {Promise<T>}
   */
  async use(database, work) {
    const gate = this.gates.get(database) ?? new Gate(this.settings.maxConnections);
    this.gates.set(database, gate);
    await gate.enter();
    try {
      const client = await this.#connect(database);
      try {
        return await work(client);
      } finally {
        await client.end().catch(() => {});
      }
    } finally {
      gate.leave();
    }
  }

  /**
   * Works with errors told as failures of `what`.
   * @template T
   * @param {string} what for errors, such as `create role "a"`
   * @param {string} database
   * @param {(client: Client) => Promise<T>} work
   * @returns {Promise<T>}
   */
  async run(what, database, work) {
    try {
      return await this.use(database, work);
    } catch (error) {
      throw error instanceof ServerError ? error : new ServerError(what, error);
    }
  }

  /**
   * Works in a transaction. As in the original, nothing is tried again, not even where PostgreSQL says
   * "tuple concurrently updated".
   * @template T
   * @param {string} what
   * @param {string} database
   * @param {(client: Client) => Promise<T>} work
   * @returns {Promise<T>}
   */
  transaction(what, database, work) {
    return this.run(what, database, async (client) => {
      await client.query("BEGIN");
      try {
        const result = await work(client);
        await client.query("COMMIT");
        return result;
      } catch (error) {
        await client.query("ROLLBACK").catch(() => {});
        throw error;
      }
    });
  }
}

/**
 * @param {Client} client
 * @param {string} text
 * @param {any[]} [values]
 * @returns {Promise<Record<string, any> | undefined>} the first row
 */
export async function firstRow(client, text, values = []) {
  return (await client.query(text, values)).rows[0];
}

/** @param {Client} client @param {string} role @returns {Promise<number | undefined>} its number; 0 for public */
export async function roleOid(client, role) {
  if (role === "public") return 0;
  return (
    await firstRow(client, "SELECT oid::int8::float8 AS oid FROM pg_roles WHERE rolname = $1", [
      role,
    ])
  )?.oid;
}

/** @param {string} text @returns {string} a literal by pqQuoteLiteral (helpers.go:51), which doubles each backslash */
export const literal = (text) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;

/** @param {Client} client @param {string} role waits for whoever changes the role or one of its members */
export async function lockRole(client, role) {
  await client.query("SET statement_timeout = 0");
  await client.query("SELECT pg_advisory_xact_lock(oid::bigint) FROM pg_roles WHERE rolname = $1", [
    role,
  ]);
  await client.query(
    `SELECT pg_advisory_xact_lock(member::bigint) FROM pg_auth_members
     JOIN pg_roles ON roleid = pg_roles.oid WHERE rolname = $1`,
    [role],
  );
}

/** @param {Client} client @param {string} database */
export async function lockDatabase(client, database) {
  await client.query("SET statement_timeout = 0");
  await client.query(
    "SELECT pg_advisory_xact_lock(oid::bigint) FROM pg_database WHERE datname = $1",
    [database],
  );
}

/** @param {Client} client @param {string} role @param {string} member @returns {Promise<boolean>} */
async function isMember(client, role, member) {
  const row = await firstRow(
    client,
    `SELECT FROM pg_auth_members
     WHERE pg_get_userbyid(roleid) = $1 AND pg_get_userbyid(member) = $2
       AND coalesce((to_jsonb(pg_auth_members) ->> 'set_option')::boolean, true)`,
    [role, member],
  );
  return row !== undefined;
}

/** @param {Client} client @param {string} role @param {string} member @returns {Promise<boolean>} whether it was none before */
export async function grantMembership(client, role, member) {
  if (member === role || (await isMember(client, role, member))) return false;
  await client.query(`GRANT ${identifier(role)} TO ${identifier(member)}`);
  return true;
}

/** @param {Client} client @param {string} role @param {string} member @returns {Promise<boolean>} whether it was one before */
export async function revokeMembership(client, role, member) {
  if (member === role || !(await isMember(client, role, member))) return false;
  await client.query(`REVOKE ${identifier(role)} FROM ${identifier(member)}`);
  return true;
}

/** @param {Client} client @param {string} role @returns {Promise<boolean>} */
const isSuperuser = async (client, role) =>
  (await firstRow(client, "SELECT rolsuper FROM pg_roles WHERE rolname = $1", [role]))?.rolsuper;

/**
 * Works, in a transaction, as a member of these roles: the current user is made one meanwhile, where it
 * is not and is no superuser (withRolesGranted of helpers.go:142).
 * @template T
 * @param {Client} client
 * @param {string[]} roles
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function asMember(client, roles, work) {
  const user = (await firstRow(client, "SELECT current_user::text AS name"))?.name;
  if (roles.length === 0 || (await isSuperuser(client, user))) return work();
  const [granted, revoked] = [/** @type {string[]} */ ([]), /** @type {string[]} */ ([])];
  for (const role of roles) {
    if (await isSuperuser(client, role)) continue;
    if (await revokeMembership(client, user, role)) revoked.push(role);
    if (await grantMembership(client, role, user)) granted.push(role);
  }
  const result = await work();
  for (const role of granted) await revokeMembership(client, role, user);
  for (const role of revoked) {
    if ((await roleOid(client, role)) !== undefined) await grantMembership(client, user, role);
  }
  return result;
}
