// @ts-check
/** Work on a PostgreSQL server: connections, one change at a time, and errors that say what failed. */
import pg from "pg";
import { encryption } from "./settings.js";

export const { escapeIdentifier: identifier, escapeLiteral: literal } = pg;

/** @typedef {import("./settings.js").Settings} Settings */
/** @typedef {pg.Client} Client */

/** Any number will do; every run of this plugin must use the same. */
const CHANGE_LOCK = 8_071_975_411;

/** How long to wait for another run's change, and how often to try again. */
const LOCK_TIMEOUT = "120s";
const ATTEMPTS = 5;

/** @param {any} error @returns {boolean} whether the same work may succeed a little later */
function isPassing(error) {
  if (["40001", "40P01", "55006"].includes(error?.code)) return true;
  return error?.code === "XX000" && /tuple concurrently (updated|deleted)/.test(error.message);
}

/** @param {any} error @returns {boolean} whether the database asked for is not there */
export function isMissingDatabase(error) {
  return error?.code === "3D000" || error?.cause?.code === "3D000";
}

/** Lets a limited number of holders in at a time. */
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
    /** @type {Promise<unknown>} the end of the change under way */
    this.lastChange = Promise.resolve();
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
   * Reads, with errors told as failures of `what`.
   * @template T
   * @param {string} what
   * @param {string} database
   * @param {(client: Client) => Promise<T>} work
   * @returns {Promise<T>}
   */
  async read(what, database, work) {
    try {
      return await this.use(database, work);
    } catch (error) {
      throw error instanceof ServerError ? error : new ServerError(what, error);
    }
  }

  /**
   * Changes something, in a transaction. Roles, databases and privileges are rows shared by the whole
   * server, on which concurrent changes fail ("tuple concurrently updated"); so changes go one after
   * another, in this process and, by an advisory lock, among all runs on the same base database.
   * @template T
   * @param {string} what for errors, such as `create role "a"`
   * @param {string} database
   * @param {(client: Client) => Promise<T>} work
   * @param {{ transaction?: boolean }} [options]
   * @returns {Promise<T>}
   */
  change(what, database, work, { transaction = true } = {}) {
    const base = this.settings.database;
    /** @param {Client} client */
    const attempt = async (client) => {
      if (!transaction) return work(client);
      await client.query("BEGIN");
      try {
        const result = await work(client);
        await client.query("COMMIT");
        return result;
      } catch (error) {
        await client.query("ROLLBACK").catch(() => {});
        throw error;
      }
    };
    /** @param {Client} client */
    const persist = async (client) => {
      for (let tries = 1; ; tries++) {
        try {
          return await attempt(client);
        } catch (error) {
          if (tries === ATTEMPTS || !isPassing(error)) throw error;
          await new Promise((resolve) => setTimeout(resolve, 200 * 2 ** tries));
        }
      }
    };
    const run = () =>
      this.read(what, base, async (guard) => {
        await guard.query(`SET lock_timeout = '${LOCK_TIMEOUT}'`);
        await guard.query("SELECT pg_advisory_lock($1)", [CHANGE_LOCK]); // Freed when the connection ends.
        await guard.query("RESET lock_timeout");
        return database === base ? persist(guard) : this.use(database, persist);
      });
    const result = this.lastChange.then(run);
    this.lastChange = result.catch(() => {});
    return result;
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

/**
 * Does work for which the current user must be a member of these roles: it is made one meanwhile,
 * where it is not and is no superuser.
 * @template T
 * @param {Client} client
 * @param {string[]} roles
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function asMember(client, roles, work) {
  const { rows } = await client.query(
    `SELECT rolname FROM pg_roles
     WHERE rolname = ANY($1) AND rolname !~ '^pg_' AND NOT pg_has_role(current_user, oid, 'USAGE')
       AND NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)`,
    [roles],
  );
  const leave = async () => {
    for (const { rolname } of rows) {
      // The work may have dropped the role.
      if ((await roleOid(client, rolname)) !== undefined)
        await client.query(`REVOKE ${identifier(rolname)} FROM CURRENT_USER`);
    }
  };
  for (const { rolname } of rows)
    await client.query(`GRANT ${identifier(rolname)} TO CURRENT_USER`);
  let result;
  try {
    result = await work();
  } catch (error) {
    await leave().catch(() => {}); // In a transaction, the rollback does it.
    throw error;
  }
  await leave();
  return result;
}
