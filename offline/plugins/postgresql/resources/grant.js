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
/** @typedef {import("./privileges.js").Held} Held */

/** @typedef {Held & { name: string, target: string, owner: string }} Target an object, its SQL name, its owner and what the role holds */

/** Types of which a grant names several objects, or all of a schema: words in SQL, and the catalogue's kinds. */
const IN_SCHEMA = {
  table: { one: "TABLE", all: "TABLES", letter: "r", kinds: ["r", "p", "v", "m", "f"] },
  sequence: { one: "SEQUENCE", all: "SEQUENCES", letter: "s", kinds: ["S"] },
  function: { one: "FUNCTION", all: "FUNCTIONS", letter: "f", kinds: ["f", "a", "w"] },
  procedure: { one: "PROCEDURE", all: "PROCEDURES", letter: "f", kinds: ["p"] },
  routine: { one: "ROUTINE", all: "ROUTINES", letter: "f", kinds: ["f", "a", "w", "p"] },
};

/** Types of which a grant names one object outside any schema. */
const FOREIGN = {
  foreign_data_wrapper: {
    one: "FOREIGN DATA WRAPPER",
    letter: "F",
    table: "pg_foreign_data_wrapper",
    prefix: "fdw",
  },
  foreign_server: { one: "FOREIGN SERVER", letter: "S", table: "pg_foreign_server", prefix: "srv" },
};

/**
 * SQL for a row of {@link Target}.
 * @param {string} name
 * @param {string} target
 * @param {string} owner
 * @param {string} acl
 * @param {string} letter
 */
const columns = (name, target, owner, acl, letter) =>
  `${name}::text AS name, ${target} AS target, pg_get_userbyid(${owner})::text AS owner, ${heldColumns(`coalesce(${acl}, acldefault('${letter}', ${owner}))`, allPrivileges(letter, owner))}`;

/**
 * @param {Client} client
 * @param {Values} values
 * @param {number} role
 * @returns {Promise<{ rows: Target[] }>} the objects that the grant is about
 */
function find(client, { objectType, database, schema, objects = [], columns: names = [] }, role) {
  switch (objectType) {
    case "database":
      return client.query(
        `SELECT ${columns("datname", "quote_ident(datname)", "datdba", "datacl", "d")} FROM pg_database WHERE datname = $2`,
        [role, database],
      );
    case "schema":
      return client.query(
        `SELECT ${columns("nspname", "quote_ident(nspname)", "nspowner", "nspacl", "n")} FROM pg_namespace WHERE nspname = $2`,
        [role, schema],
      );
    case "foreign_data_wrapper":
    case "foreign_server": {
      const { table, prefix, letter } = FOREIGN[/** @type {keyof typeof FOREIGN} */ (objectType)];
      const name = `${prefix}name`;
      return client.query(
        `SELECT ${columns(name, `quote_ident(${name})`, `${prefix}owner`, `${prefix}acl`, letter)} FROM ${table} WHERE ${name} = ANY($2) ORDER BY 1`,
        [role, objects],
      );
    }
    case "column":
      return client.query(
        `SELECT c.relname || '.' || a.attname AS name, quote_ident(a.attname) AS target, pg_get_userbyid(c.relowner)::text AS owner,
           ${heldColumns("a.attacl", "ARRAY['INSERT', 'REFERENCES', 'SELECT', 'UPDATE']")}
         FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = $2 AND c.relname = $3 AND a.attname = ANY($4) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY 1`,
        [role, schema, objects[0], names],
      );
    case "table":
    case "sequence": {
      const { letter, kinds } = IN_SCHEMA[/** @type {"table" | "sequence"} */ (objectType)];
      return client.query(
        `SELECT ${columns("c.relname", "format('%I.%I', n.nspname, c.relname)", "c.relowner", "c.relacl", letter)}
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = $2 AND c.relkind = ANY($3) AND (cardinality($4::text[]) = 0 OR c.relname = ANY($4)) ORDER BY 1`,
        [role, schema, kinds, objects],
      );
    }
    default: {
      const { letter, kinds } = IN_SCHEMA[/** @type {"function"} */ (objectType)];
      const target =
        "format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid))";
      // An object is a name, for all functions of that name, or a name with types of arguments.
      return client.query(
        `SELECT ${columns("p.proname", target, "p.proowner", "p.proacl", letter)}
         FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
         WHERE n.nspname = $2 AND p.prokind = ANY($3) AND (cardinality($4::text[]) = 0 OR p.proname = ANY($4)
           OR p.oid::oid IN (SELECT to_regprocedure(quote_ident($2) || '.' || o)::oid FROM unnest($4::text[]) o WHERE o LIKE '%(%'))
         ORDER BY 1, 2`,
        [role, schema, kinds, objects],
      );
    }
  }
}

/** @param {Values} values @param {Target[]} targets @returns {string} what follows ON in GRANT and REVOKE */
function onClause({ objectType, schema, objects = [] }, targets) {
  const list = targets.map(({ target }) => target).join(", ");
  if (objectType === "database") return `DATABASE ${list}`;
  if (objectType === "schema") return `SCHEMA ${list}`;
  if (objectType === "column") return `TABLE ${identifier(schema)}.${identifier(objects[0])}`;
  if (objectType in FOREIGN)
    return `${FOREIGN[/** @type {keyof typeof FOREIGN} */ (objectType)].one} ${list}`;
  const { one, all } = IN_SCHEMA[/** @type {keyof typeof IN_SCHEMA} */ (objectType)];
  return objects.length > 0 ? `${one} ${list}` : `ALL ${all} IN SCHEMA ${identifier(schema)}`;
}

/** @param {Values} values @param {string[]} privileges @param {Target[]} targets @returns {string} */
function privilegeList({ objectType }, privileges, targets) {
  if (objectType !== "column") return privileges.join(", ");
  const list = targets.map(({ target }) => target).join(", ");
  return privileges.map((privilege) => `${privilege} (${list})`).join(", ");
}

/** @param {Values} values @returns {string} */
function describe({ role, objectType, objects = [], database, schema }) {
  const where = objectType === "database" || !schema ? "" : `, schema ${identifier(schema)}`;
  const which = objects.length > 0 ? ` (${objects.join(", ")})` : "";
  return `privileges of ${identifier(role)} on ${objectType}${which} in database ${identifier(database)}${where}`;
}

/** @param {Values} values @param {Target[]} targets @returns {string[]} the objects asked for that are not there */
function missing({ objectType, database, schema, objects = [], columns: names = [] }, targets) {
  const found = new Set(targets.map(({ name }) => name));
  if (objectType === "database") return found.has(database) ? [] : [database];
  if (objectType === "schema") return found.has(schema) ? [] : [schema];
  if (objectType === "column")
    return names
      .map((/** @type {string} */ name) => `${objects[0]}.${name}`)
      .filter((/** @type {string} */ name) => !found.has(name));
  return objects.filter((/** @type {string} */ name) => !found.has(name.replace(/\(.*$/, "")));
}

/**
 * @param {import("../server.js").Server} server
 * @returns {ResourceType}
 */
export function grantType(server) {
  return {
    deleteBeforeReplace: true,
    properties: {
      role: { kind: "string", required: true, replace: true },
      database: { kind: "string", required: true, replace: true },
      schema: { kind: "string", replace: true },
      objectType: objectTypeProperty([
        "database",
        "schema",
        "table",
        "sequence",
        "function",
        "procedure",
        "routine",
        "foreign_data_wrapper",
        "foreign_server",
        "column",
      ]),
      objects: { kind: "set", replace: true },
      columns: { kind: "set", replace: true },
      privileges: privilegesProperty,
      withGrantOption: { kind: "boolean", default: false, replace: true },
    },

    check(inputs) {
      const { objectType, schema, objects = [], columns: names = [] } = inputs;
      const failures = checkPrivileges(inputs);
      /** @param {boolean} wrong @param {string} property @param {string} reason */
      const refuse = (wrong, property, reason) => {
        if (wrong) failures.push({ property, reason });
      };
      const outside = objectType === "database" || objectType in FOREIGN;
      refuse(!schema && !outside, "schema", `is required where objectType is ${objectType}`);
      refuse(
        objects.length > 0 && ["database", "schema"].includes(objectType),
        "objects",
        `cannot be given where objectType is ${objectType}`,
      );
      refuse(
        objects.length !== 1 && (objectType === "column" || objectType in FOREIGN),
        "objects",
        `must hold one name where objectType is ${objectType}`,
      );
      refuse(
        names.length > 0 !== (objectType === "column"),
        "columns",
        "must be given where objectType is column, and only there",
      );
      refuse(
        Boolean(inputs.withGrantOption) && inputs.role === "public",
        "withGrantOption",
        "cannot be given to public",
      );
      return failures;
    },

    async create(inputs) {
      const { role, database, objectType } = inputs;
      const privileges = plainPrivileges(inputs.privileges);
      const grantee = identifier(role);
      await server.change(`grant ${describe(inputs)}`, database, async (client) => {
        const oid = await roleOid(client, role);
        if (oid === undefined) throw new Error(`role ${grantee} does not exist`);
        const { rows: targets } = await find(client, inputs, oid);
        const absent = missing(inputs, targets);
        if (absent.length > 0) throw new Error(`no such ${objectType}: ${absent.join(", ")}`);
        if (
          inputs.schema &&
          !(await firstRow(client, "SELECT FROM pg_namespace WHERE nspname = $1", [inputs.schema]))
        ) {
          throw new Error(`schema ${identifier(inputs.schema)} does not exist`);
        }
        const on = onClause(inputs, targets);
        await asMember(client, [...new Set(targets.map(({ owner }) => owner))], async () => {
          await client.query(
            `REVOKE ${privilegeList(inputs, ["ALL PRIVILEGES"], targets)} ON ${on} FROM ${grantee}`,
          );
          if (privileges.length === 0) return;
          const option = inputs.withGrantOption ? " WITH GRANT OPTION" : "";
          await client.query(
            `GRANT ${privilegeList(inputs, privileges, targets)} ON ${on} TO ${grantee}${option}`,
          );
        });
      });
      const parts = [
        role,
        database,
        ...(inputs.schema ? [inputs.schema] : []),
        objectType,
        ...(inputs.objects ?? []),
        ...(inputs.columns ?? []),
      ];
      return { id: parts.join("_"), state: inputs };
    },

    // As create: what is held is revoked and granted afresh, in one transaction.
    async update(_id, _old, inputs) {
      return (await this.create(inputs)).state;
    },

    async read(id, old, importing) {
      if (importing) throw new Error("this resource cannot be imported");
      try {
        return await server.read(`read ${describe(old)}`, old.database, async (client) => {
          const oid = await roleOid(client, old.role);
          if (oid === undefined) return undefined;
          if (
            old.schema &&
            !(await firstRow(client, "SELECT FROM pg_namespace WHERE nspname = $1", [old.schema]))
          )
            return undefined;
          const { rows: targets } = await find(client, old, oid);
          const absent = missing(old, targets);
          const present = old.objects?.filter(
            (/** @type {string} */ name) => !absent.includes(name),
          );
          if (absent.length > 0 && (old.objectType === "column" || !present?.length))
            return undefined;
          return {
            id,
            state: {
              ...old,
              ...(present ? { objects: present } : {}),
              ...actualPrivileges(/** @type {any} */ (old), targets),
            },
          };
        });
      } catch (error) {
        if (isMissingDatabase(error)) return undefined;
        throw error;
      }
    },

    async delete(_id, state) {
      const { role, database } = state;
      try {
        await server.change(`revoke ${describe(state)}`, database, async (client) => {
          const oid = await roleOid(client, role);
          if (oid === undefined) return;
          const { rows: targets } = await find(client, state, oid);
          if (targets.length === 0) return;
          await asMember(client, [...new Set(targets.map(({ owner }) => owner))], () =>
            client.query(
              `REVOKE ${privilegeList(state, ["ALL PRIVILEGES"], targets)} ON ${onClause(state, targets)} FROM ${identifier(role)}`,
            ),
          );
        });
      } catch (error) {
        if (!isMissingDatabase(error)) throw error;
      }
    },
  };
}
