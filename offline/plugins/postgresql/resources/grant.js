// @ts-check
import { asMember, firstRow, identifier, lockDatabase, lockRole, roleOid } from "../server.js";
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

/** Types outside of any schema. */
const OUTSIDE = ["database", "foreign_data_wrapper", "foreign_server"];

/** Types of which no list of objects is given in the statements. */
const FOREIGN = {
  foreign_data_wrapper: {
    words: "FOREIGN DATA WRAPPER",
    acl: "SELECT fdwacl AS acl FROM pg_foreign_data_wrapper WHERE fdwname = $2",
  },
  foreign_server: {
    words: "FOREIGN SERVER",
    acl: "SELECT srvacl AS acl FROM pg_foreign_server WHERE srvname = $2",
  },
};

/** @param {string} type @returns {{ words: string, acl: string } | undefined} */
const foreign = (type) => FOREIGN[/** @type {keyof typeof FOREIGN} */ (type)];

/** @param {string} text @returns {string} a function's name quoted, its types of arguments as they are */
const called = (text) => {
  const [name, args] = text.split("(");
  return `${identifier(name)}${args === undefined ? "" : `(${args}`}`;
};

/** @param {Values} values @returns {string} what follows ON in GRANT and REVOKE */
function target({ objectType, database, schema, objects = [] }) {
  const within = () =>
    objects.map((/** @type {string} */ one) => `${identifier(schema)}.${called(one)}`).join(",");
  if (objectType === "database") return `DATABASE ${identifier(database)}`;
  if (objectType === "schema") return `SCHEMA ${identifier(schema)}`;
  if (foreign(objectType)) return `${foreign(objectType)?.words} ${identifier(objects[0])}`;
  if (objectType === "column") return `TABLE ${within()}`;
  const word = objectType.toUpperCase();
  return objects.length > 0
    ? `${word} ${within()}`
    : `ALL ${word}S IN SCHEMA ${identifier(schema)}`;
}

/** @param {Values} values @returns {string | undefined} what is revoked before anything is granted (createRevokeQuery) */
function revocation(values) {
  const { role, objectType, objects = [], columns = [], privileges } = values;
  const end = `ON ${target(values)} FROM ${identifier(role)}`;
  if (objectType === "column")
    return privileges.length === 0 || columns.length === 0
      ? undefined
      : `REVOKE ${privileges.join()} (${columns.map(identifier).join()}) ${end}`;
  const named = objects.length > 0 && privileges.length > 0 && !foreign(objectType);
  return `REVOKE ${named ? privileges.join() : "ALL PRIVILEGES"} ${end}`;
}

/** @param {Values} values @returns {string | undefined} */
function granting(values) {
  const { role, objectType, columns = [], privileges, withGrantOption } = values;
  if (privileges.length === 0) return undefined;
  const list = objectType === "column" ? ` (${columns.map(identifier).join()})` : "";
  const option = withGrantOption ? " WITH GRANT OPTION" : "";
  return `GRANT ${privileges.join()}${list} ON ${target(values)} TO ${identifier(role)}${option}`;
}

/** @param {Values} values refuses, like the original not before something is made */
function validate(values) {
  const { objectType, schema, objects = [], columns = [], privileges } = values;
  /** @param {boolean} wrong @param {string} reason */
  const refuse = (wrong, reason) => {
    if (wrong) throw new Error(reason);
  };
  const isColumn = objectType === "column";
  refuse(!schema && !OUTSIDE.includes(objectType), "parameter 'schema' is mandatory");
  refuse(
    objects.length > 0 && ["database", "schema"].includes(objectType),
    "cannot specify `objects` when `object_type` is `database` or `schema`",
  );
  refuse(columns.length > 0 !== isColumn, "`columns` belong to `object_type` `column`");
  refuse(isColumn && privileges.length !== 1, "must specify exactly 1 `privileges` of a `column`");
  refuse(
    objects.length !== 1 && (isColumn || Boolean(foreign(objectType))),
    "must specify exactly 1 of `objects` of a `column`, `foreign_data_wrapper` or `foreign_server`",
  );
  validatePrivileges(values);
}

/**
 * getRolesToGrant: the owners whom the provider's user joins meanwhile. **None for a database**, so that
 * a user who is no superuser changes nothing there and is told nothing (WARNING 01006).
 * @param {Client} client
 * @param {Values} values
 */
async function owners(client, { objectType, schema }) {
  if (OUTSIDE.includes(objectType)) return [];
  const { rows } = await client.query(
    `SELECT DISTINCT CASE o.name WHEN 'pg_database_owner' THEN pg_get_userbyid(d.datdba)::text ELSE o.name END AS name
     FROM pg_database d, (
       SELECT tableowner::text AS name FROM pg_tables WHERE schemaname = $1 AND $2::text <> 'schema'
       UNION SELECT pg_get_userbyid(nspowner)::text FROM pg_namespace WHERE nspname = $1) o
     WHERE d.datname = current_database()`,
    [schema, objectType],
  );
  return rows.map(({ name }) => name);
}

/** @param {string} source SQL for a column `acl` @returns {string} SQL for the role's privileges there; $1 is its number */
const heldIn = (source) =>
  `SELECT array_agg(privilege_type) AS held FROM (SELECT (aclexplode(acl)).* FROM (${source}) s) p WHERE grantee = $1::int8::oid`;

/** Privileges on every object of one kind in a schema, those of one name together. */
const RELATIONS = `
  SELECT c.relname AS name, array_remove(array_agg(p.privilege_type), NULL) AS held
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN (SELECT a.* FROM (SELECT oid, (aclexplode(relacl)).* FROM pg_class) a WHERE a.grantee = $1::int8::oid) p ON p.oid = c.oid
  WHERE n.nspname = $2 AND c.relkind = $3 GROUP BY c.relname`;
const ROUTINES = `
  SELECT f.proname AS name, array_remove(array_agg(p.privilege_type), NULL) AS held
  FROM pg_proc f JOIN pg_namespace n ON n.oid = f.pronamespace
  LEFT JOIN (SELECT a.* FROM (SELECT proname, pronamespace, (aclexplode(proacl)).* FROM pg_proc) a WHERE a.grantee = $1::int8::oid) p USING (proname, pronamespace)
  WHERE n.nspname = $2 GROUP BY f.proname`;
const COLUMNS = `
  SELECT a.attname AS name FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(a.attacl) p
  WHERE p.grantee = $1::int8::oid AND n.nspname = $2 AND c.relname = $3 AND c.relkind = 'r' AND p.privilege_type = $4`;

/**
 * readRolePrivileges: what the catalogue's lists hold. An object without a list counts as one on which
 * nobody has anything, though PUBLIC then has what is built in. Neither the grant option nor a missing object
 * is seen, and of relations only tables and sequences.
 * @param {Client} client
 * @param {Values} state
 * @returns {Promise<Values>} what of the state is to be changed
 */
async function actual(client, state) {
  const { role, objectType, database, schema, objects = [], columns = [] } = state;
  const oid = await roleOid(client, role);
  if (objectType === "column") {
    const values = [oid, schema, objects[0], state.privileges[0]];
    const held = (await client.query(COLUMNS, values)).rows.map(({ name }) => name);
    return { columns: columns.filter((/** @type {string} */ name) => held.includes(name)) };
  }
  const one = {
    database: ["SELECT datacl AS acl FROM pg_database WHERE datname = $2", database],
    schema: ["SELECT nspacl AS acl FROM pg_namespace WHERE nspname = $2", schema],
  }[/** @type {"database"} */ (objectType)] ?? [foreign(objectType)?.acl, objects[0]];
  if (one[0]) {
    const row = await firstRow(client, heldIn(one[0]), [oid, one[1]]);
    return { privileges: readPrivileges(state, row?.held) };
  }
  const letter = LETTERS[/** @type {"table"} */ (objectType)];
  const { rows } = ["table", "sequence"].includes(objectType)
    ? await client.query(RELATIONS, [oid, schema, letter])
    : await client.query(ROUTINES, [oid, schema]);
  const found = rows
    .filter(({ name }) => objects.length === 0 || objects.includes(name))
    .map(({ held }) => readPrivileges(state, held));
  return { privileges: found.find((held) => held !== state.privileges) ?? state.privileges };
}

/**
 * resource_postgresql_grant.go of the original.
 * @param {import("../server.js").Server} server
 * @returns {ResourceType}
 */
export function grantType(server) {
  /** @param {Values} values */
  const describe = ({ role, objectType, database }) =>
    `privileges of ${identifier(role)} on ${objectType} in database ${identifier(database)}`;

  /** @param {string} what @param {Values} values @param {(string | undefined)[]} statements */
  const change = (what, values, statements) =>
    server.transaction(`${what} ${describe(values)}`, values.database, async (client) => {
      await lockRole(client, values.role);
      if (values.objectType === "database") await lockDatabase(client, values.database);
      await asMember(client, await owners(client, values), async () => {
        for (const statement of statements) {
          if (statement) await client.query(statement);
        }
      });
    });

  /** @param {Values} state @returns {Promise<Values>} */
  const fetch = async (state) => ({
    ...state,
    ...(await server.run(`read ${describe(state)}`, state.database, (client) =>
      actual(client, state),
    )),
  });

  /** @param {Values} old what is revoked first @param {Values} inputs */
  async function apply(old, inputs) {
    validate(inputs);
    await change("grant", inputs, [revocation(old), granting(inputs)]);
    return fetch(inputs);
  }

  return {
    deleteBeforeReplace: true,
    properties: {
      role: { kind: "string", required: true, replace: true },
      database: { kind: "string", required: true, replace: true },
      schema: { kind: "string", replace: true },
      objectType: objectTypeProperty([
        ...["database", "function", "procedure", "routine", "schema", "sequence", "table"],
        ...["foreign_data_wrapper", "foreign_server", "column"],
      ]),
      objects: { kind: "set", replace: true },
      columns: { kind: "set", replace: true },
      privileges: privilegesProperty,
      withGrantOption: { kind: "boolean", default: false, replace: true },
    },

    async create(inputs) {
      const { role, database, objectType, schema, objects = [], columns = [] } = inputs;
      const state = await apply(inputs, inputs);
      const where = OUTSIDE.includes(objectType) ? [] : [schema];
      const id = [role, database, ...where, objectType, ...objects, ...columns].join("_");
      return { id, state };
    },

    update: (_id, old, inputs) => apply(old, inputs),

    async read(id, old, importing) {
      if (importing) throw new Error("this resource cannot be imported");
      const base = server.settings.database;
      const what = `read ${describe(old)}`;
      const there = await server.run(what, base, async (client) => {
        const database = await firstRow(client, "SELECT FROM pg_database WHERE datname = $1", [
          old.database,
        ]);
        return database && (await roleOid(client, old.role)) !== undefined;
      });
      if (!there) return undefined;
      if (!OUTSIDE.includes(old.objectType)) {
        const schema = await server.run(what, old.database, (client) =>
          firstRow(client, "SELECT FROM pg_namespace WHERE nspname = $1", [old.schema]),
        );
        if (!schema) return undefined;
      }
      return { id, state: await fetch(old) };
    },

    // A database or role that somebody dropped by hand is a failure.
    async delete(_id, state) {
      await change("revoke", state, [revocation(state)]);
    },
  };
}
