// @ts-check
import { createHash } from "node:crypto";
import { asMember, firstRow, identifier, literal, lockRole } from "../server.js";

/** @typedef {import("../provider-server.js").ResourceType} ResourceType */
/** @typedef {import("../provider-server.js").Values} Values */
/** @typedef {import("../server.js").Client} Client */

/** The role's attributes: property, word in SQL, column of pg_roles. */
const FLAGS = [
  ["superuser", "SUPERUSER", "rolsuper"],
  ["createDatabase", "CREATEDB", "rolcreatedb"],
  ["createRole", "CREATEROLE", "rolcreaterole"],
  ["inherit", "INHERIT", "rolinherit"],
  ["login", "LOGIN", "rolcanlogin"],
  ["bypassRowLevelSecurity", "BYPASSRLS", "rolbypassrls"],
  ["replication", "REPLICATION", "rolreplication"],
];

const TIMEOUTS = [
  ["statementTimeout", "statement_timeout"],
  ["idleInTransactionSessionTimeout", "idle_in_transaction_session_timeout"],
];

const FOREVER = "infinity";

/** @param {string} value */
const validUntil = (value) =>
  `VALID UNTIL ${literal(value === "" || value.toLowerCase() === FOREVER ? FOREVER : value)}`;

/**
 * As readSearchPath and its like: the last one whose name begins so, whatever follows.
 * @param {string[]} config
 * @param {string} setting
 */
function kept(config, setting) {
  const entry = config.filter((text) => text.startsWith(setting)).at(-1);
  return entry?.startsWith(`${setting}=`) ? entry.slice(setting.length + 1) : entry;
}

/** @param {string | undefined} value @returns {string[] | undefined} */
const splitPath = (value) => value?.split(", ").map((name) => name.replace(/^"+|"+$/g, ""));

/** @param {string | undefined} value @returns {number} of milliseconds; a text with a unit is a failure, as strconv.Atoi has it */
function timeout(value) {
  if (value === undefined) return 0;
  if (!/^[+-]?\d+$/.test(value))
    throw new Error(
      `error reading statement_timeout: strconv.Atoi: parsing "${value}": invalid syntax`,
    );
  return Number(value);
}

/**
 * readRolePassword: of SCRAM the server keeps nothing that a password could be told by, so the state's stays.
 * @param {Client} client
 * @param {string} name
 * @param {string} password the state's
 */
async function readPassword(client, name, password) {
  const user = await firstRow(
    client,
    "SELECT rolsuper, current_user::text AS name FROM pg_roles WHERE rolname = current_user",
  );
  if (!user?.rolsuper)
    throw new Error(
      `could not read role password from Postgres as connected user ${user?.name} is not a SUPERUSER. You can set \`superuser = false\` in the provider configuration so it will not try to read the password from Postgres`,
    );
  const row = await firstRow(
    client,
    "SELECT COALESCE(passwd, '') AS stored FROM pg_shadow WHERE usename = $1",
    [name],
  );
  const stored = row?.stored ?? "";
  if (/^(md5|SCRAM-SHA-256)/.test(password)) return stored;
  const md5 = `md5${createHash("md5")
    .update(password + name)
    .digest("hex")}`;
  return stored === md5 || stored.startsWith("SCRAM-SHA-256") ? password : stored;
}

/**
 * resource_postgresql_role.go of the original.
 * @param {import("../server.js").Server} server
 * @returns {ResourceType}
 */
export function roleType(server) {
  const { database: base, superuser } = server.settings;

  /** @param {string} name @param {Values} old */
  const fetch = (name, old) =>
    server.run(`read role ${identifier(name)}`, base, async (client) => {
      const row = await firstRow(
        client,
        `SELECT r.*, COALESCE(r.rolvaliduntil::text, 'infinity') AS until,
           ARRAY(SELECT pg_get_userbyid(roleid)::text FROM pg_auth_members WHERE member = r.oid) AS groups
         FROM pg_roles r WHERE r.rolname = $1`,
        [name],
      );
      if (!row) return undefined;
      const config = row.rolconfig ?? [];
      const password = !old.password
        ? undefined
        : row.rolcanlogin && superuser
          ? await readPassword(client, name, old.password)
          : old.password;
      /** @type {Values} */
      const state = {
        skipDropRole: false,
        skipReassignOwned: false,
        ...old,
        name,
        connectionLimit: row.rolconnlimit,
        encryptedPassword: true,
        validUntil: row.until,
        roles: [...new Set(row.groups)],
        password,
        searchPaths: splitPath(kept(config, "search_path")),
        assumeRole: kept(config, "role"),
      };
      for (const [property, , column] of FLAGS) state[property] = row[column];
      for (const [property, setting] of TIMEOUTS) state[property] = timeout(kept(config, setting));
      return state;
    });

  /** @param {Client} client @param {Values} inputs */
  async function grantRoles(client, { name, roles = [] }) {
    for (const group of roles)
      await client.query(`GRANT ${identifier(group)} TO ${identifier(name)}`);
  }

  /** Always set, as alterSearchPath does; the others where they change. @param {Client} client @param {Values} old @param {Values} inputs */
  async function alterSettings(client, old, inputs) {
    const role = identifier(inputs.name);
    const path = (inputs.searchPaths ?? []).map(identifier).join(", ") || "DEFAULT";
    await client.query(`ALTER ROLE ${role} SET search_path TO ${path}`);
    for (const [property, setting] of TIMEOUTS) {
      const [before, now] = [old[property] ?? 0, inputs[property] ?? 0];
      if (before !== now)
        await client.query(
          now === 0
            ? `ALTER ROLE ${role} RESET ${setting}`
            : `ALTER ROLE ${role} SET ${setting} TO ${Number(now)}`,
        );
    }
    const [before, now] = [old.assumeRole ?? "", inputs.assumeRole ?? ""];
    if (before !== now)
      await client.query(
        now === ""
          ? `ALTER ROLE ${role} RESET ROLE`
          : `ALTER ROLE ${role} SET ROLE TO ${identifier(now)}`,
      );
  }

  return {
    autoName: true,
    properties: {
      name: { kind: "string" },
      superuser: { kind: "boolean", default: false },
      createDatabase: { kind: "boolean", default: false },
      createRole: { kind: "boolean", default: false },
      inherit: { kind: "boolean", default: true },
      login: { kind: "boolean", default: false },
      replication: { kind: "boolean", default: false },
      bypassRowLevelSecurity: { kind: "boolean", default: false },
      connectionLimit: {
        kind: "number",
        default: -1,
        validate: (value) => (value >= -1 ? undefined : "must be -1 or more"),
      },
      encrypted: { kind: "string" },
      encryptedPassword: { kind: "boolean", default: true },
      password: { kind: "string", secret: true },
      passwordWo: { kind: "string", secret: true, writeOnly: true, same: () => true },
      passwordWoVersion: { kind: "string" },
      roles: { kind: "set", default: [] },
      searchPaths: { kind: "list" },
      statementTimeout: { kind: "number", default: 0 },
      idleInTransactionSessionTimeout: { kind: "number", default: 0 },
      assumeRole: { kind: "string" },
      skipDropRole: { kind: "boolean", default: false },
      skipReassignOwned: { kind: "boolean", default: false },
      validUntil: { kind: "string", default: FOREVER },
    },

    check(inputs) {
      const failures = [];
      if (inputs.password !== undefined && inputs.passwordWo !== undefined)
        failures.push({ property: "passwordWo", reason: "conflicts with password" });
      if ((inputs.passwordWo === undefined) !== (inputs.passwordWoVersion === undefined)) {
        failures.push({
          property: "passwordWoVersion",
          reason: "must be given together with passwordWo",
        });
      }
      return failures;
    },

    async create(inputs) {
      const { name } = inputs;
      await server.transaction(`create role ${identifier(name)}`, base, async (client) => {
        const password = inputs.password || inputs.passwordWo;
        const clauses = [
          ...(!password
            ? []
            : password.toUpperCase() === "NULL"
              ? ["PASSWORD NULL"]
              : // In plain, and the server makes the verifier.
                [
                  `${inputs.encryptedPassword ? "ENCRYPTED" : "UNENCRYPTED"} PASSWORD ${literal(password)}`,
                ]),
          validUntil(inputs.validUntil),
          `CONNECTION LIMIT ${Number(inputs.connectionLimit)}`,
          ...FLAGS.map(([property, word]) => (inputs[property] ? word : `NO${word}`)),
        ];
        await client.query(`CREATE ROLE ${identifier(name)} WITH ${clauses.join(" ")}`);
        await grantRoles(client, inputs);
        await alterSettings(client, {}, inputs);
      });
      return { id: name, state: /** @type {Values} */ (await fetch(name, inputs)) };
    },

    async read(id, old) {
      const state = await fetch(id, old);
      return state && { id, state };
    },

    async update(_id, old, inputs) {
      const { name } = inputs;
      const role = identifier(name);
      await server.transaction(`update role ${identifier(old.name)}`, base, async (client) => {
        await lockRole(client, old.name);
        const isRenamed = name !== old.name;
        if (isRenamed) await client.query(`ALTER ROLE ${identifier(old.name)} RENAME TO ${role}`);
        const written = inputs.passwordWo !== undefined;
        const password = inputs.passwordWo ?? inputs.password;
        const isChanged = written
          ? inputs.passwordWoVersion !== old.passwordWoVersion
          : inputs.password !== old.password || isRenamed;
        // A password that the program no longer states stays.
        if (isChanged && password)
          await client.query(`ALTER ROLE ${role} PASSWORD ${literal(password)}`);
        if (inputs.connectionLimit !== old.connectionLimit)
          await client.query(
            `ALTER ROLE ${role} CONNECTION LIMIT ${Number(inputs.connectionLimit)}`,
          );
        for (const [property, word] of FLAGS) {
          if (inputs[property] !== old[property])
            await client.query(`ALTER ROLE ${role} WITH ${inputs[property] ? word : `NO${word}`}`);
        }
        if (inputs.validUntil !== old.validUntil && inputs.validUntil !== "")
          await client.query(`ALTER ROLE ${role} ${validUntil(inputs.validUntil)}`);
        // All memberships are taken away and those that are wanted given again, made by hand or not.
        const { rows } = await client.query(
          `SELECT pg_get_userbyid(roleid)::text AS name FROM pg_auth_members m
           JOIN pg_roles r ON m.member = r.oid WHERE r.rolname = $1`,
          [name],
        );
        for (const group of rows)
          await client.query(`REVOKE ${identifier(group.name)} FROM ${role}`);
        await grantRoles(client, inputs);
        await alterSettings(client, old, inputs);
      });
      const state = await fetch(name, inputs);
      if (!state) throw new Error(`role ${role} is gone`);
      return state;
    },

    // What the role owns in the provider's own database goes to the provider's user; elsewhere it stays, and
    // PostgreSQL refuses to drop the role. A role that somebody dropped by hand is a failure.
    async delete(id, state) {
      const name = state.name ?? id;
      const role = identifier(name);
      await server.transaction(`drop role ${role}`, base, async (client) => {
        await lockRole(client, name);
        if (!state.skipReassignOwned) {
          await asMember(client, [name], async () => {
            await client.query(
              `REASSIGN OWNED BY ${role} TO ${identifier(server.settings.username)}`,
            );
            await client.query(`DROP OWNED BY ${role}`);
          });
        }
        if (!state.skipDropRole) await client.query(`DROP ROLE ${role}`);
      });
    },
  };
}
