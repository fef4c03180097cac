// @ts-check
import { asMember, firstRow, identifier, lockRole, roleOid } from "../server.js";
import {
  LETTERS,
  objectTypeProperty,
  privilegesProperty,
  readPrivileges,
  validatePrivileges,
} from "./privileges.js";

/** @typedef {import("../provider-server.js").ResourceType} ResourceType */
/** @typedef {import("../provider-server.js").Values} Values */
/** @typedef {import("../server.js").Client} Client */

/** @param {Values} values @param {string} action */
const statement = ({ owner, schema, objectType }, action) =>
  [
    `ALTER DEFAULT PRIVILEGES FOR ROLE ${identifier(owner)}`,
    ...(schema ? [`IN SCHEMA ${identifier(schema)}`] : []),
    action.replace("*", `${objectType.toUpperCase()}S`),
  ].join(" ");

/** @param {Values} values */
const revocation = (values) => statement(values, `REVOKE ALL ON * FROM ${identifier(values.role)}`);

/** @param {Values} values */
const describe = ({ role, owner, objectType, database }) =>
  `default privileges of ${identifier(role)} on ${objectType}s made by ${identifier(owner)} in database ${identifier(database)}`;

/**
 * resource_postgresql_default_privileges.go of the original.
 * @param {import("../server.js").Server} server
 * @returns {ResourceType}
 */
export function defaultPrivilegesType(server) {
  /** @param {string} what @param {Values} values @param {string[]} statements */
  const change = (what, values, statements) =>
    server.transaction(`${what} ${describe(values)}`, values.database, async (client) => {
      await lockRole(client, values.owner);
      await asMember(client, [values.owner], async () => {
        for (const text of statements) await client.query(text);
      });
    });

  /**
   * What was set, and not what is built in: a default that somebody put back by hand is not seen, and one
   * that is gone counts as a resource that is gone.
   * @param {Values} state
   * @returns {Promise<Values | undefined>}
   */
  const fetch = (state) =>
    server.transaction(`read ${describe(state)}`, state.database, async (client) => {
      await lockRole(client, state.owner);
      const row = await firstRow(
        client,
        `SELECT array_agg(p.privilege_type) AS held
         FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace, aclexplode(d.defaclacl) p
         WHERE d.defaclobjtype = $3 AND p.grantee = $1::int8::oid AND pg_get_userbyid(p.grantor) = $4
           AND CASE WHEN $2 = '' THEN d.defaclnamespace = 0 ELSE n.nspname = $2 END`,
        [
          await roleOid(client, state.role),
          state.schema ?? "",
          LETTERS[/** @type {"table"} */ (state.objectType)],
          state.owner,
        ],
      );
      if (!row?.held && state.privileges.length > 0) return undefined;
      return { ...state, privileges: readPrivileges(state, row?.held) };
    });

  /** @param {Values} inputs @returns {Promise<Values>} */
  async function apply(inputs) {
    const { role, schema, objectType, privileges, withGrantOption } = inputs;
    if (objectType === "schema" && schema)
      throw new Error("cannot specify `schema` when `object_type` is `schema`");
    if (withGrantOption && role.toLowerCase() === "public")
      throw new Error("with_grant_option cannot be true for role 'public'");
    validatePrivileges(inputs);
    const option = withGrantOption ? " WITH GRANT OPTION" : "";
    const granting = `GRANT ${privileges.join()} ON * TO ${identifier(role)}${option}`;
    await change("set", inputs, [
      revocation(inputs),
      ...(privileges.length > 0 ? [statement(inputs, granting)] : []),
    ]);
    return (await fetch(inputs)) ?? inputs;
  }

  return {
    deleteBeforeReplace: true,
    properties: {
      role: { kind: "string", required: true, replace: true },
      database: { kind: "string", required: true, replace: true },
      owner: { kind: "string", required: true, replace: true },
      schema: { kind: "string", replace: true },
      objectType: objectTypeProperty([
        "table",
        "sequence",
        "function",
        "routine",
        "type",
        "schema",
      ]),
      privileges: privilegesProperty,
      withGrantOption: { kind: "boolean", default: false, replace: true },
    },

    async create(inputs) {
      const { role, database, owner, schema, objectType } = inputs;
      const id = [role, database, schema || "noschema", owner, objectType].join("_");
      return { id, state: await apply(inputs) };
    },

    update: (_id, _old, inputs) => apply(inputs),

    async read(id, old, importing) {
      if (importing) throw new Error("this resource cannot be imported");
      const what = `read ${describe(old)}`;
      const there = await server.run(what, server.settings.database, async (client) => {
        const database = await firstRow(client, "SELECT FROM pg_database WHERE datname = $1", [
          old.database,
        ]);
        return database && (await roleOid(client, old.role)) !== undefined;
      });
      if (!there) return undefined;
      if (old.schema) {
        const schema = await server.run(what, old.database, (client) =>
          firstRow(client, "SELECT FROM pg_namespace WHERE nspname = $1", [old.schema]),
        );
        if (!schema) return undefined;
      }
      const state = await fetch(old);
      return state && { id, state };
    },

    // A database or role that somebody dropped by hand is a failure.
    async delete(_id, state) {
      await change("revoke", state, [revocation(state)]);
    },
  };
}
