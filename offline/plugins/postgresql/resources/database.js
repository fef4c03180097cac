// @ts-check
import { asMember, firstRow, identifier, literal } from "../server.js";

/** @typedef {import("../provider-server.js").ResourceType} ResourceType */
/** @typedef {import("../provider-server.js").Values} Values */
/** @typedef {import("../server.js").Client} Client */

const DEFAULT = "DEFAULT";

/** @param {string} name @returns {string} `utf-8` and `UTF8` are the same encoding */
const plainEncoding = (name) => name.toUpperCase().replaceAll(/[-_]/g, "");

/** @param {string} a @param {string} b @returns {boolean} DEFAULT stands for whatever the server chose */
const sameOrDefault = (a, b) => a === b || a === DEFAULT || b === DEFAULT;

/**
 * @param {import("../server.js").Server} server
 * @returns {ResourceType}
 */
export function databaseType(server) {
  const base = server.settings.database;

  /** @param {string} name @param {Values} old */
  const fetch = (name, old) =>
    server.read(`read database ${identifier(name)}`, base, async (client) => {
      const row = await firstRow(
        client,
        `SELECT pg_get_userbyid(d.datdba)::text AS owner, pg_encoding_to_char(d.encoding)::text AS encoding,
           d.datcollate::text AS "lcCollate", d.datctype::text AS "lcCtype", t.spcname::text AS "tablespaceName",
           d.datconnlimit AS "connectionLimit", d.datallowconn AS "allowConnections", d.datistemplate AS "isTemplate"
         FROM pg_database d JOIN pg_tablespace t ON t.oid = d.dattablespace WHERE d.datname = $1`,
        [name],
      );
      return row && { template: "template0", alterObjectOwnership: false, ...old, ...row, name };
    });

  /** @param {Values} inputs @param {string} property @param {string} clause @param {(text: string) => string} quote */
  const optional = (inputs, property, clause, quote) =>
    inputs[property] && inputs[property] !== DEFAULT
      ? [`${clause} ${quote(inputs[property])}`]
      : [];

  return {
    autoName: true,
    deleteBeforeReplace: true,
    properties: {
      name: { kind: "string" },
      owner: { kind: "string", computed: true, same: sameOrDefault },
      template: { kind: "string", computed: true, replace: true, same: sameOrDefault },
      encoding: {
        kind: "string",
        computed: true,
        replace: true,
        same: (a, b) => sameOrDefault(a, b) || plainEncoding(a) === plainEncoding(b),
      },
      lcCollate: { kind: "string", computed: true, replace: true, same: sameOrDefault },
      lcCtype: { kind: "string", computed: true, replace: true, same: sameOrDefault },
      tablespaceName: { kind: "string", computed: true, same: sameOrDefault },
      connectionLimit: {
        kind: "number",
        default: -1,
        validate: (value) => (value >= -1 ? undefined : "must be -1 or more"),
      },
      allowConnections: { kind: "boolean", default: true },
      isTemplate: { kind: "boolean", computed: true },
      alterObjectOwnership: { kind: "boolean", default: false },
    },

    async create(inputs) {
      const { name } = inputs;
      const clauses = [
        ...optional(inputs, "owner", "OWNER", identifier),
        `TEMPLATE ${identifier(inputs.template && inputs.template !== DEFAULT ? inputs.template : "template0")}`,
        ...optional({ encoding: inputs.encoding || "UTF8" }, "encoding", "ENCODING", literal),
        ...optional({ collate: inputs.lcCollate || "C" }, "collate", "LC_COLLATE", literal),
        ...optional({ ctype: inputs.lcCtype || "C" }, "ctype", "LC_CTYPE", literal),
        ...optional(inputs, "tablespaceName", "TABLESPACE", identifier),
        `ALLOW_CONNECTIONS ${Boolean(inputs.allowConnections)}`,
        `CONNECTION LIMIT ${Number(inputs.connectionLimit)}`,
        `IS_TEMPLATE ${Boolean(inputs.isTemplate)}`,
      ];
      await server.change(
        `create database ${identifier(name)}`,
        base,
        (client) =>
          asMember(client, [inputs.owner].filter(Boolean), () =>
            client.query(`CREATE DATABASE ${identifier(name)} ${clauses.join(" ")}`),
          ),
        { transaction: false },
      );
      const template =
        inputs.template && inputs.template !== DEFAULT ? inputs.template : "template0";
      return {
        id: name,
        state: /** @type {Values} */ (await fetch(name, { ...inputs, template })),
      };
    },

    async read(id, old) {
      const state = await fetch(old.name ?? id, old);
      return state && { id, state };
    },

    async update(_id, old, inputs) {
      const { name } = inputs;
      const database = identifier(name);
      const what = `update database ${identifier(old.name)}`;
      const owner = sameOrDefault(inputs.owner, old.owner) ? undefined : inputs.owner;
      if (owner && inputs.alterObjectOwnership) {
        await server.change(
          `${what}: hand its objects over to ${identifier(owner)}`,
          old.name,
          (client) =>
            asMember(client, [old.owner, owner], () =>
              client.query(`REASSIGN OWNED BY ${identifier(old.owner)} TO ${identifier(owner)}`),
            ),
        );
      }
      const owners = owner ? [old.owner, owner] : [old.owner];
      await server.change(what, base, (client) =>
        asMember(client, owners, async () => {
          if (name !== old.name)
            await client.query(`ALTER DATABASE ${identifier(old.name)} RENAME TO ${database}`);
          if (inputs.connectionLimit !== old.connectionLimit)
            await client.query(
              `ALTER DATABASE ${database} CONNECTION LIMIT ${Number(inputs.connectionLimit)}`,
            );
          if (inputs.allowConnections !== old.allowConnections)
            await client.query(
              `ALTER DATABASE ${database} ALLOW_CONNECTIONS ${Boolean(inputs.allowConnections)}`,
            );
          if (inputs.isTemplate !== old.isTemplate)
            await client.query(
              `ALTER DATABASE ${database} IS_TEMPLATE ${Boolean(inputs.isTemplate)}`,
            );
          if (owner) await client.query(`ALTER DATABASE ${database} OWNER TO ${identifier(owner)}`);
        }),
      );
      if (!sameOrDefault(inputs.tablespaceName, old.tablespaceName)) {
        const move = `ALTER DATABASE ${database} SET TABLESPACE ${identifier(inputs.tablespaceName)}`;
        await server.change(what, base, (client) => client.query(move), { transaction: false });
      }
      const state = await fetch(name, { ...inputs, template: old.template });
      if (!state) throw new Error(`database ${database} is gone`);
      return state;
    },

    async delete(id, state) {
      const name = state.name ?? id;
      const database = identifier(name);
      await server.change(
        `drop database ${database}`,
        base,
        async (client) => {
          const row = await firstRow(
            client,
            "SELECT datistemplate, pg_get_userbyid(datdba)::text AS owner, current_setting('server_version_num')::int AS version FROM pg_database WHERE datname = $1",
            [name],
          );
          if (!row) return;
          await asMember(client, [row.owner], async () => {
            if (row.datistemplate)
              await client.query(`ALTER DATABASE ${database} IS_TEMPLATE false`);
            await client.query(
              `DROP DATABASE ${database}${row.version >= 130000 ? " WITH (FORCE)" : ""}`,
            );
          });
        },
        { transaction: false },
      );
    },
  };
}
