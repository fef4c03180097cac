// @ts-check
import { firstRow, identifier, isMissingDatabase } from "../server.js";

/** @typedef {import("../provider-server.js").ResourceType} ResourceType */
/** @typedef {import("../provider-server.js").Values} Values */

/**
 * resource_postgresql_extension.go of the original.
 * @param {import("../server.js").Server} server
 * @returns {ResourceType}
 */
export function extensionType(server) {
  const base = server.settings.database;

  /** @param {Values} old @param {string} database @param {string} name */
  async function fetch(old, database, name) {
    try {
      return await server.run(
        `read extension ${identifier(name)} of database ${identifier(database)}`,
        database,
        async (client) => {
          const row = await firstRow(
            client,
            "SELECT n.nspname::text AS schema, e.extversion AS version FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = $1",
            [name],
          );
          return (
            row && { createCascade: false, dropCascade: false, ...old, ...row, database, name }
          );
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
      name: { kind: "string", replace: true },
      database: { kind: "string", computed: true, replace: true },
      schema: { kind: "string", computed: true },
      version: { kind: "string", computed: true },
      createCascade: { kind: "boolean", default: false },
      dropCascade: { kind: "boolean", default: false },
    },

    async create(inputs) {
      const { name, schema, version, database = base } = inputs;
      const extension = identifier(name);
      const clauses = [
        schema ? ` SCHEMA ${identifier(schema)}` : "",
        version ? ` VERSION ${identifier(version)}` : "",
        inputs.createCascade ? " CASCADE" : "",
      ].join("");
      await server.transaction(
        `create extension ${extension} in database ${identifier(database)}`,
        database,
        (client) =>
          client.query(
            `CREATE EXTENSION IF NOT EXISTS ${extension}${clauses ? ` WITH${clauses}` : ""}`,
          ),
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
      const extension = identifier(inputs.name);
      await server.transaction(
        `update extension ${extension} of database ${identifier(old.database)}`,
        old.database,
        async (client) => {
          if (inputs.schema && inputs.schema !== old.schema)
            await client.query(
              `ALTER EXTENSION ${extension} SET SCHEMA ${identifier(inputs.schema)}`,
            );
          if (inputs.version && inputs.version !== old.version)
            await client.query(
              `ALTER EXTENSION ${extension} UPDATE TO ${identifier(inputs.version)}`,
            );
        },
      );
      const state = await fetch(inputs, old.database, inputs.name);
      if (!state) throw new Error(`extension ${extension} is gone`);
      return state;
    },

    // An extension or a database that somebody dropped by hand is a failure.
    async delete(_id, state) {
      const extension = identifier(state.name);
      await server.transaction(
        `drop extension ${extension} of database ${identifier(state.database)}`,
        state.database,
        (client) =>
          client.query(`DROP EXTENSION ${extension} ${state.dropCascade ? "CASCADE" : "RESTRICT"}`),
      );
    },
  };
}
