// @ts-check
import { isPasswordFor, verifierFor } from "../password.js";
import { asMember, firstRow, identifier, literal } from "../server.js";

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
  ["replication", "REPLICATION", "rolreplication"],
  ["bypassRowLevelSecurity", "BYPASSRLS", "rolbypassrls"],
];

/** Settings kept with the role: property, name of the setting. */
const SETTINGS = [
  ["searchPaths", "search_path"],
  ["statementTimeout", "statement_timeout"],
  ["idleInTransactionSessionTimeout", "idle_in_transaction_session_timeout"],
  ["assumeRole", "role"],
];

const FOREVER = "infinity";

/** @param {string} value @returns {string} */
const plainTime = (value) =>
  /^(|null|infinity)$/i.test(value) ? FOREVER : String(Date.parse(value) || value);

/** @param {string} value @returns {string[]} the names in a stored search path */
function splitPath(value) {
  return value
    .split(", ")
    .map((name) => (/^".*"$/.test(name) ? name.slice(1, -1).replaceAll('""', '"') : name));
}

/** @param {string} setting @param {any} value @returns {string} */
function settingText(setting, value) {
  return setting === "search_path" ? value.map(identifier).join(", ") : literal(String(value));
}

/** @param {any} value @returns {boolean} whether a setting is to be kept at all */
const isSet = (value) =>
  value !== undefined &&
  value !== "" &&
  value !== 0 &&
  !(Array.isArray(value) && value.length === 0);

/** @param {Client} client @param {string} password @param {string} role */
async function passwordClause(client, password, role) {
  const how = await firstRow(
    client,
    "SELECT current_setting('password_encryption') AS method, coalesce(current_setting('scram_iterations', true), '4096')::int AS iterations",
  );
  return `PASSWORD ${literal(verifierFor(password, role, /** @type {any} */ (how)))}`;
}

/** @param {any} value */
const validUntilClause = (value) =>
  `VALID UNTIL ${literal(/^(|null)$/i.test(value) ? FOREVER : value)}`;

/**
 * @param {import("../server.js").Server} server
 * @returns {ResourceType}
 */
export function roleType(server) {
  const base = server.settings.database;

  /**
   * @param {Client} client
   * @param {string} name
   * @param {Values} old
   */
  async function fetch(client, name, old) {
    const row = await firstRow(
      client,
      `SELECT r.*, r.rolvaliduntil = $2::timestamptz AS same_until,
         CASE WHEN isfinite(r.rolvaliduntil) THEN to_char(r.rolvaliduntil AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') END AS until,
         ARRAY(SELECT g.rolname::text FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid WHERE m.member = r.oid ORDER BY 1) AS groups
       FROM pg_roles r WHERE r.rolname = $1`,
      [name, plainTime(old.validUntil ?? "") === FOREVER ? FOREVER : old.validUntil],
    );
    if (!row) return undefined;
    /** @type {Values} */
    const state = { ...old, name, connectionLimit: row.rolconnlimit, roles: row.groups };
    for (const [property, , column] of FLAGS) state[property] = row[column];
    if (!row.same_until || old.validUntil === undefined) state.validUntil = row.until ?? FOREVER;
    /** @type {Map<string, string>} */
    const kept = new Map(
      (row.rolconfig ?? []).map((/** @type {string} */ entry) => [
        entry.slice(0, entry.indexOf("=")),
        entry.slice(entry.indexOf("=") + 1),
      ]),
    );
    for (const [property, setting] of SETTINGS) {
      const value = kept.get(setting);
      if (value === undefined) delete state[property];
      else if (property === "searchPaths") state[property] = splitPath(value);
      else state[property] = property.endsWith("Timeout") ? Number(value) : value;
    }
    if (state.password !== undefined && server.settings.superuser) {
      const stored = await firstRow(
        client,
        "SELECT rolpassword FROM pg_authid WHERE rolname = $1",
        [name],
      );
      const right = isPasswordFor(state.password, name, stored?.rolpassword ?? "");
      if (!stored?.rolpassword) delete state.password;
      else if (right === false) state.password = stored.rolpassword; // Shows as a change, still a secret.
    }
    return state;
  }

  /** @param {Values} inputs @returns {Values} */
  const stateOf = ({ roles = [], encryptedPassword = true, ...inputs }) => ({
    ...inputs,
    roles,
    encryptedPassword,
  });

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
      searchPaths: {
        kind: "list",
        validate: (value) =>
          value.some((/** @type {any} */ path) => String(path).includes(", "))
            ? 'must not contain ", "'
            : undefined,
      },
      statementTimeout: { kind: "number", default: 0 },
      idleInTransactionSessionTimeout: { kind: "number", default: 0 },
      assumeRole: { kind: "string" },
      skipDropRole: { kind: "boolean", default: false },
      skipReassignOwned: { kind: "boolean", default: false },
      validUntil: {
        kind: "string",
        default: FOREVER,
        same: (a, b) => plainTime(a) === plainTime(b),
      },
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
      if (inputs.encrypted !== undefined)
        failures.push({ property: "encrypted", reason: "is now called encryptedPassword" });
      return failures;
    },

    async create(inputs) {
      const { name } = inputs;
      const role = identifier(name);
      await server.change(`create role ${role}`, base, async (client) => {
        const clauses = FLAGS.map(([property, word]) => (inputs[property] ? word : `NO${word}`));
        clauses.push(
          `CONNECTION LIMIT ${Number(inputs.connectionLimit)}`,
          validUntilClause(inputs.validUntil),
        );
        const password = inputs.passwordWo ?? inputs.password;
        if (password) clauses.push(await passwordClause(client, password, name));
        await client.query(`CREATE ROLE ${role} WITH ${clauses.join(" ")}`);
        for (const group of inputs.roles)
          await client.query(`GRANT ${identifier(group)} TO ${role}`);
        for (const [property, setting] of SETTINGS) {
          if (isSet(inputs[property]))
            await client.query(
              `ALTER ROLE ${role} SET ${setting} TO ${settingText(setting, inputs[property])}`,
            );
        }
      });
      return { id: name, state: stateOf(inputs) };
    },

    async read(id, old) {
      const name = old.name ?? id;
      const state = await server.read(`read role ${identifier(name)}`, base, (client) =>
        fetch(client, name, old),
      );
      return (
        state && {
          id,
          state: {
            skipDropRole: false,
            skipReassignOwned: false,
            encryptedPassword: true,
            ...state,
          },
        }
      );
    },

    async update(_id, old, inputs) {
      const { name } = inputs;
      const role = identifier(name);
      await server.change(`update role ${identifier(old.name)}`, base, async (client) => {
        if (name !== old.name)
          await client.query(`ALTER ROLE ${identifier(old.name)} RENAME TO ${role}`);
        const clauses = FLAGS.filter(([property]) => inputs[property] !== old[property]).map(
          ([property, word]) => (inputs[property] ? word : `NO${word}`),
        );
        if (inputs.connectionLimit !== old.connectionLimit)
          clauses.push(`CONNECTION LIMIT ${Number(inputs.connectionLimit)}`);
        if (plainTime(inputs.validUntil) !== plainTime(old.validUntil ?? ""))
          clauses.push(validUntilClause(inputs.validUntil));
        const renewed =
          inputs.passwordWo !== undefined && inputs.passwordWoVersion !== old.passwordWoVersion;
        // Renaming loses a password stored as MD5.
        if (renewed) clauses.push(await passwordClause(client, inputs.passwordWo, name));
        else if (inputs.password && (inputs.password !== old.password || name !== old.name))
          clauses.push(await passwordClause(client, inputs.password, name));
        else if (!inputs.password && old.password && inputs.passwordWo === undefined)
          clauses.push("PASSWORD NULL");
        if (clauses.length > 0) await client.query(`ALTER ROLE ${role} WITH ${clauses.join(" ")}`);
        const [before, now] = [new Set(old.roles ?? []), new Set(inputs.roles)];
        for (const group of before)
          if (!now.has(group)) await client.query(`REVOKE ${identifier(group)} FROM ${role}`);
        for (const group of now)
          if (!before.has(group)) await client.query(`GRANT ${identifier(group)} TO ${role}`);
        for (const [property, setting] of SETTINGS) {
          if (isSet(inputs[property]))
            await client.query(
              `ALTER ROLE ${role} SET ${setting} TO ${settingText(setting, inputs[property])}`,
            );
          else if (isSet(old[property])) await client.query(`ALTER ROLE ${role} RESET ${setting}`);
        }
      });
      return stateOf(inputs);
    },

    async delete(id, state) {
      const name = state.name ?? id;
      const role = identifier(name);
      await server.change(`drop role ${role}`, base, async (client) => {
        if (!(await firstRow(client, "SELECT FROM pg_roles WHERE rolname = $1", [name]))) return;
        if (!state.skipReassignOwned) {
          await asMember(client, [name], async () => {
            await client.query(`REASSIGN OWNED BY ${role} TO CURRENT_USER`);
            await client.query(`DROP OWNED BY ${role}`);
          });
        }
        if (!state.skipDropRole) await client.query(`DROP ROLE ${role}`);
      });
    },
  };
}
