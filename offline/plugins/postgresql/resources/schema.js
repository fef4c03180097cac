// @ts-check
import { asMember, firstRow, identifier, isMissingDatabase } from "../server.js";

/** @typedef {import("../provider-server.js").ResourceType} ResourceType */
/** @typedef {import("../provider-server.js").Values} Values */
/** @typedef {import("../server.js").Client} Client */

const POLICY_FLAGS = ["create", "createWithGrant", "usage", "usageWithGrant"];

/** @param {Values} policy @returns {string} */
const grantee = (policy) => identifier(policy.role || "public");

/** @param {Values[]} policies @returns {string} the same text for policies that mean the same */
function plainPolicies(policies) {
  return policies
    .map((policy) =>
      JSON.stringify([
        policy.role || "public",
        ...POLICY_FLAGS.map((flag) => Boolean(policy[flag])),
      ]),
    )
    .sort()
    .join();
}

/** @param {Client} client @param {string} schema @param {Values[]} policies */
async function applyPolicies(client, schema, policies) {
  for (const policy of policies) {
    const to = `ON SCHEMA ${identifier(schema)} TO ${grantee(policy)}`;
    if (policy.create) await client.query(`GRANT CREATE ${to}`);
    if (policy.createWithGrant) await client.query(`GRANT CREATE ${to} WITH GRANT OPTION`);
    if (policy.usage) await client.query(`GRANT USAGE ${to}`);
    if (policy.usageWithGrant) await client.query(`GRANT USAGE ${to} WITH GRANT OPTION`);
  }
}

/** @param {Client} client @param {string} schema @param {Values[]} policies */
async function revokePolicies(client, schema, policies) {
  for (const policy of policies) {
    const there =
      !policy.role ||
      policy.role === "public" ||
      (await firstRow(client, "SELECT FROM pg_roles WHERE rolname = $1", [policy.role]));
    if (there)
      await client.query(
        `REVOKE ALL PRIVILEGES ON SCHEMA ${identifier(schema)} FROM ${grantee(policy)}`,
      );
  }
}

/** @param {Client} client @param {string} schema @param {Values[]} policies @returns {Promise<Values[]>} what of the policies still holds */
async function heldPolicies(client, schema, policies) {
  const { rows } = await client.query(
    `SELECT CASE a.grantee WHEN 0 THEN 'public' ELSE pg_get_userbyid(a.grantee)::text END AS role, a.privilege_type AS privilege, a.is_grantable AS grantable
     FROM pg_namespace n, aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a WHERE n.nspname = $1`,
    [schema],
  );
  /** @param {Values} policy @param {string} privilege @param {boolean} grantable */
  const holds = (policy, privilege, grantable) =>
    rows.some(
      (/** @type {Values} */ row) =>
        row.role === (policy.role || "public") &&
        row.privilege === privilege &&
        (row.grantable || !grantable),
    );
  return policies.map((policy) => {
    const held = { ...policy };
    if (policy.create) held.create = holds(policy, "CREATE", false);
    if (policy.createWithGrant) held.createWithGrant = holds(policy, "CREATE", true);
    if (policy.usage) held.usage = holds(policy, "USAGE", false);
    if (policy.usageWithGrant) held.usageWithGrant = holds(policy, "USAGE", true);
    return held;
  });
}

/**
 * @param {import("../server.js").Server} server
 * @returns {ResourceType}
 */
export function schemaType(server) {
  const base = server.settings.database;

  /** @param {Values} old @param {string} database @param {string} name */
  async function fetch(old, database, name) {
    try {
      return await server.run(
        `read schema ${identifier(name)} of database ${identifier(database)}`,
        database,
        async (client) => {
          const row = await firstRow(
            client,
            "SELECT pg_get_userbyid(nspowner)::text AS owner FROM pg_namespace WHERE nspname = $1",
            [name],
          );
          if (!row) return undefined;
          const policies = await heldPolicies(client, name, old.policies ?? []);
          return {
            dropCascade: false,
            ifNotExists: true,
            ...old,
            database,
            name,
            owner: row.owner,
            policies,
          };
        },
      );
    } catch (error) {
      if (isMissingDatabase(error)) return undefined;
      throw error;
    }
  }

  return {
    autoName: true,
    deleteBeforeReplace: true,
    properties: {
      name: { kind: "string" },
      database: { kind: "string", computed: true, replace: true },
      owner: { kind: "string", computed: true },
      ifNotExists: { kind: "boolean", default: true },
      dropCascade: { kind: "boolean", default: false },
      policies: {
        kind: "list",
        computed: true,
        same: (a, b) => plainPolicies(a) === plainPolicies(b),
      },
    },

    async create(inputs) {
      const { name, owner, database = base } = inputs;
      const schema = identifier(name);
      await server.transaction(
        `create schema ${schema} in database ${identifier(database)}`,
        database,
        (client) =>
          asMember(client, owner ? [owner] : [], async () => {
            const there = await firstRow(client, "SELECT FROM pg_namespace WHERE nspname = $1", [
              name,
            ]);
            if (there && inputs.ifNotExists) {
              if (owner) await client.query(`ALTER SCHEMA ${schema} OWNER TO ${identifier(owner)}`);
            } else {
              await client.query(
                `CREATE SCHEMA ${schema}${owner ? ` AUTHORIZATION ${identifier(owner)}` : ""}`,
              );
            }
            await applyPolicies(client, name, inputs.policies ?? []);
          }),
      );
      return {
        id: `${database}.${name}`,
        state: /** @type {Values} */ (await fetch(inputs, database, name)),
      };
    },

    async read(id, old) {
      const dot = id.indexOf(".");
      const database = old.database ?? (dot < 0 ? base : id.slice(0, dot));
      const state = await fetch(old, database, old.name ?? id.slice(dot + 1));
      return state && { id: dot < 0 ? `${database}.${id}` : id, state };
    },

    async update(_id, old, inputs) {
      const schema = identifier(inputs.name);
      await server.transaction(
        `update schema ${identifier(old.name)} of database ${identifier(old.database)}`,
        old.database,
        (client) =>
          asMember(client, [old.owner, inputs.owner].filter(Boolean), async () => {
            if (inputs.name !== old.name)
              await client.query(`ALTER SCHEMA ${identifier(old.name)} RENAME TO ${schema}`);
            if (inputs.owner && inputs.owner !== old.owner)
              await client.query(`ALTER SCHEMA ${schema} OWNER TO ${identifier(inputs.owner)}`);
            if (plainPolicies(inputs.policies ?? []) !== plainPolicies(old.policies ?? [])) {
              await revokePolicies(client, inputs.name, old.policies ?? []);
              await applyPolicies(client, inputs.name, inputs.policies ?? []);
            }
          }),
      );
      const state = await fetch(inputs, old.database, inputs.name);
      if (!state) throw new Error(`schema ${schema} is gone`);
      return state;
    },

    async delete(_id, state) {
      const schema = identifier(state.name);
      try {
        await server.transaction(
          `drop schema ${schema} of database ${identifier(state.database)}`,
          state.database,
          async (client) => {
            const row = await firstRow(
              client,
              "SELECT pg_get_userbyid(nspowner)::text AS owner FROM pg_namespace WHERE nspname = $1",
              [state.name],
            );
            if (row)
              await asMember(client, [row.owner], () =>
                client.query(`DROP SCHEMA ${schema} ${state.dropCascade ? "CASCADE" : "RESTRICT"}`),
              );
          },
        );
      } catch (error) {
        if (!isMissingDatabase(error)) throw error;
      }
    },
  };
}
