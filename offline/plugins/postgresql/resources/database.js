// @ts-check
import {
  firstRow,
  grantMembership,
  identifier,
  literal,
  lockRole,
  revokeMembership,
} from "../server.js";

/** @typedef {import("../provider-server.js").ResourceType} ResourceType */
/** @typedef {import("../provider-server.js").Values} Values */
/** @typedef {import("../server.js").Client} Client */

/** @param {string} value @param {(text: string) => string} quote */
const orDefault = (value, quote) => (value.toUpperCase() === "DEFAULT" ? "DEFAULT" : quote(value));

/** @param {Values} inputs @param {string} user @returns {string} what follows CREATE DATABASE (createDatabase) */
function options(inputs, user) {
  const { owner, template, encoding, lcCollate, lcCtype, tablespaceName } = inputs;
  return [
    `OWNER ${identifier(owner || user)}`,
    `TEMPLATE ${orDefault(template || "template0", identifier)}`,
    `ENCODING ${orDefault(encoding || "UTF8", literal)}`,
    ...(lcCollate ? [`LC_COLLATE ${orDefault(lcCollate, literal)}`] : []),
    ...(lcCtype ? [`LC_CTYPE ${orDefault(lcCtype, literal)}`] : []),
    ...(tablespaceName ? [`TABLESPACE ${orDefault(tablespaceName, identifier)}`] : []),
    `ALLOW_CONNECTIONS ${Boolean(inputs.allowConnections)}`,
    `CONNECTION LIMIT ${Number(inputs.connectionLimit)}`,
    `IS_TEMPLATE ${Boolean(inputs.isTemplate)}`,
  ].join(" ");
}

/**
 * resource_postgresql_database.go of the original.
 * @param {import("../server.js").Server} server
 * @returns {ResourceType}
 */
export function databaseType(server) {
  const { database: base, username } = server.settings;

  /** @param {string} name @param {Values} old */
  const fetch = (name, old) =>
    server.run(`read database ${identifier(name)}`, base, async (client) => {
      const row = await firstRow(
        client,
        `SELECT pg_get_userbyid(d.datdba)::text AS owner, pg_encoding_to_char(d.encoding)::text AS encoding,
           d.datcollate::text AS "lcCollate", d.datctype::text AS "lcCtype", t.spcname::text AS "tablespaceName",
           d.datconnlimit AS "connectionLimit", d.datallowconn AS "allowConnections", d.datistemplate AS "isTemplate"
         FROM pg_database d JOIN pg_tablespace t ON t.oid = d.dattablespace WHERE d.datname = $1`,
        [name],
      );
      const template = old.template || "template0";
      return row && { alterObjectOwnership: false, ...old, ...row, name, template };
    });

  /**
   * Holds one connection and the lock of the provider's own user while it works on a second one of the
   * same pool. Where a pool's connections are all held so, they wait for each other for ever.
   * @param {string} what
   * @param {string} owner
   * @param {(client: Client) => Promise<unknown>} work
   */
  const asOwner = (what, owner, work) =>
    owner
      ? server.transaction(what, base, async (guard) => {
          await lockRole(guard, username);
          await server.use(base, async (client) => {
            const granted = await grantMembership(client, owner, username);
            try {
              await work(client);
            } finally {
              if (granted) await revokeMembership(client, owner, username);
            }
          });
        })
      : server.run(what, base, work);

  /** @param {Values} inputs @param {string} owner hands what the old owner has in this database over */
  const handOver = (inputs, owner) =>
    server.transaction(
      `hand over what is in database ${identifier(inputs.name)}`,
      inputs.name,
      async (client) => {
        await lockRole(client, username);
        const before = await server.use(base, async (other) => {
          const row = await firstRow(
            other,
            "SELECT pg_get_userbyid(datdba)::text AS owner FROM pg_database WHERE datname = $1",
            [inputs.name],
          );
          if (row?.owner !== owner) await grantMembership(other, row?.owner, username);
          return row?.owner;
        });
        if (before === owner) return;
        await client.query(`REASSIGN OWNED BY ${identifier(before)} TO ${identifier(owner)}`);
        await server.use(base, (other) => revokeMembership(other, before, username));
      },
    );

  return {
    autoName: true,
    deleteBeforeReplace: true,
    properties: {
      name: { kind: "string" },
      owner: { kind: "string", computed: true },
      template: { kind: "string", computed: true, replace: true },
      encoding: { kind: "string", computed: true, replace: true },
      lcCollate: { kind: "string", computed: true, replace: true },
      lcCtype: { kind: "string", computed: true, replace: true },
      tablespaceName: { kind: "string", computed: true },
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
      const database = identifier(name);
      await asOwner(`create database ${database}`, inputs.owner, (client) =>
        client.query(`CREATE DATABASE ${database} ${options(inputs, username)}`),
      );
      return { id: name, state: /** @type {Values} */ (await fetch(name, inputs)) };
    },

    async read(id, old) {
      const state = await fetch(id, old);
      return state && { id, state };
    },

    async update(_id, old, inputs) {
      const { name, owner } = inputs;
      const database = identifier(name);
      const what = `update database ${identifier(old.name)}`;
      /** @param {string} statement */
      const alter = (statement) =>
        server.run(what, base, (client) => client.query(`ALTER DATABASE ${statement}`));
      if (name !== old.name) await alter(`${identifier(old.name)} RENAME TO ${database}`);
      const changesOwner = Boolean(owner) && owner !== old.owner;
      if (changesOwner && inputs.alterObjectOwnership) await handOver(inputs, owner);
      if (changesOwner)
        await asOwner(what, owner, (client) =>
          client.query(`ALTER DATABASE ${database} OWNER TO ${identifier(owner)}`),
        );
      if (inputs.tablespaceName !== old.tablespaceName)
        await alter(
          !inputs.tablespaceName || inputs.tablespaceName.toUpperCase() === "DEFAULT"
            ? `${database} RESET TABLESPACE`
            : `${database} SET TABLESPACE ${identifier(inputs.tablespaceName)}`,
        );
      if (inputs.connectionLimit !== old.connectionLimit)
        await alter(`${database} CONNECTION LIMIT = ${Number(inputs.connectionLimit)}`);
      if (inputs.allowConnections !== old.allowConnections)
        await alter(`${database} ALLOW_CONNECTIONS ${Boolean(inputs.allowConnections)}`);
      if (inputs.isTemplate !== old.isTemplate)
        await alter(`${database} IS_TEMPLATE ${Boolean(inputs.isTemplate)}`);
      const state = await fetch(name, inputs);
      if (!state) throw new Error(`database ${database} is gone`);
      return state;
    },

    // A database that somebody dropped by hand is a failure, and one that cannot be dropped stays closed.
    async delete(id, state) {
      const database = identifier(state.name ?? id);
      await asOwner(`drop database ${database}`, state.owner, async (client) => {
        if (state.isTemplate) await client.query(`ALTER DATABASE ${database} IS_TEMPLATE false`);
        await client.query(`ALTER DATABASE ${database} ALLOW_CONNECTIONS false`);
        await client.query(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()",
          [state.name ?? id],
        );
        await client.query(`DROP DATABASE ${database} WITH ( FORCE )`);
      });
    },
  };
}
