// @ts-check
import { asMember, firstRow, identifier, isMissingDatabase, roleOid } from "../server.js";
import {
  actualPrivileges,
  allPrivileges,
  checkPrivileges,
  heldColumns,
  objectTypeProperty,
  plainPrivileges,
  privilegesProperty,
} from "./privileges.js";

/** @typedef {import("../provider-server.js").ResourceType} ResourceType */
/** @typedef {import("../provider-server.js").Values} Values */
/** @typedef {import("../server.js").Client} Client */

/** Words in SQL and letters in pg_default_acl for each type of object. */
const TYPES = {
  table: { word: "TABLES", letter: "r" },
  sequence: { word: "SEQUENCES", letter: "S" },
  function: { word: "FUNCTIONS", letter: "f" },
  routine: { word: "ROUTINES", letter: "f" },
  type: { word: "TYPES", letter: "T" },
  schema: { word: "SCHEMAS", letter: "n" },
};

/** @param {Values} values @returns {{ word: string, letter: string }} */
const typeOf = ({ objectType }) => TYPES[/** @type {keyof typeof TYPES} */ (objectType)];

/** @param {Values} values @param {string} action */
function statement({ owner, schema, ...values }, action) {
  const where = schema ? ` IN SCHEMA ${identifier(schema)}` : "";
  return `ALTER DEFAULT PRIVILEGES FOR ROLE ${identifier(owner)}${where} ${action.replace("*", typeOf(values).word)}`;
}

/** @param {Values} values */
const describe = ({ role, owner, objectType, database, schema }) =>
  `default privileges of ${identifier(role)} on ${objectType}s made by ${identifier(owner)} in database ${identifier(database)}${schema ? `, schema ${identifier(schema)}` : ""}`;

/**
 * @param {import("../server.js").Server} server
 * @returns {ResourceType}
 */
export function defaultPrivilegesType(server) {
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

    check(inputs) {
      const failures = checkPrivileges(inputs);
      if (inputs.objectType === "schema" && inputs.schema)
        failures.push({ property: "schema", reason: "cannot be given where objectType is schema" });
      return failures;
    },

    async create(inputs) {
      const { role, database, owner, schema, objectType } = inputs;
      const privileges = plainPrivileges(inputs.privileges);
      await server.change(`set ${describe(inputs)}`, database, (client) =>
        asMember(client, [owner], async () => {
          await client.query(
            statement(inputs, `REVOKE ALL PRIVILEGES ON * FROM ${identifier(role)}`),
          );
          if (privileges.length === 0) return;
          const option = inputs.withGrantOption ? " WITH GRANT OPTION" : "";
          await client.query(
            statement(
              inputs,
              `GRANT ${privileges.join(", ")} ON * TO ${identifier(role)}${option}`,
            ),
          );
        }),
      );
      return {
        id: [role, database, schema || "noschema", owner, objectType].join("_"),
        state: inputs,
      };
    },

    // As create: what is held is revoked and granted afresh, in one transaction.
    async update(_id, _old, inputs) {
      return (await this.create(inputs)).state;
    },

    async read(id, old, importing) {
      if (importing) throw new Error("this resource cannot be imported");
      try {
        return await server.read(`read ${describe(old)}`, old.database, async (client) => {
          const [role, owner] = [await roleOid(client, old.role), await roleOid(client, old.owner)];
          const schema = old.schema
            ? await firstRow(
                client,
                "SELECT oid::int8::float8 AS oid FROM pg_namespace WHERE nspname = $1",
                [old.schema],
              )
            : { oid: 0 };
          if (role === undefined || owner === undefined || !schema) return undefined;
          const { letter } = typeOf(old);
          // Without a row, new objects get what is built in; what is set for a schema only adds to that.
          const held = await firstRow(
            client,
            `SELECT ${heldColumns("acl", allPrivileges(letter, "owner"))}
             FROM (SELECT $2::int8::oid AS owner, coalesce(
               (SELECT defaclacl FROM pg_default_acl WHERE defaclrole = $2::int8::oid AND defaclnamespace = $3::int8::oid AND defaclobjtype = '${letter}'),
               CASE WHEN $3::int8 = 0 THEN acldefault('${letter}', $2::int8::oid) END) AS acl) d`,
            [role, owner, schema.oid],
          );
          return {
            id,
            state: {
              ...old,
              ...actualPrivileges(/** @type {any} */ (old), [/** @type {any} */ (held)]),
            },
          };
        });
      } catch (error) {
        if (isMissingDatabase(error)) return undefined;
        throw error;
      }
    },

    async delete(_id, state) {
      const { role, database, owner, schema } = state;
      try {
        await server.change(`revoke ${describe(state)}`, database, async (client) => {
          if (
            (await roleOid(client, role)) === undefined ||
            (await roleOid(client, owner)) === undefined
          )
            return;
          if (
            schema &&
            !(await firstRow(client, "SELECT FROM pg_namespace WHERE nspname = $1", [schema]))
          )
            return;
          await asMember(client, [owner], () =>
            client.query(statement(state, `REVOKE ALL PRIVILEGES ON * FROM ${identifier(role)}`)),
          );
        });
      } catch (error) {
        if (!isMissingDatabase(error)) throw error;
      }
    },
  };
}
