// @ts-check
import { firstRow, identifier } from "../server.js";

/** @typedef {import("../provider-server.js").ResourceType} ResourceType */

/**
 * resource_postgresql_grant_role.go of the original.
 * @param {import("../server.js").Server} server
 * @returns {ResourceType}
 */
export function grantRoleType(server) {
  const base = server.settings.database;

  /** @param {import("../server.js").Client} client @param {string} role @param {string} group */
  const membership = (client, role, group) =>
    firstRow(
      client,
      `SELECT bool_or(m.admin_option) AS admin FROM pg_auth_members m
       JOIN pg_roles r ON r.oid = m.member JOIN pg_roles g ON g.oid = m.roleid
       WHERE r.rolname = $1 AND g.rolname = $2 HAVING count(*) > 0`,
      [role, group],
    );

  return {
    deleteBeforeReplace: true,
    properties: {
      role: { kind: "string", required: true, replace: true },
      grantRole: { kind: "string", required: true, replace: true },
      withAdminOption: { kind: "boolean", default: false, replace: true },
    },

    async create(inputs) {
      const { role, grantRole, withAdminOption } = inputs;
      const option = withAdminOption ? " WITH ADMIN OPTION" : "";
      const what = `grant role ${identifier(grantRole)} to ${identifier(role)}`;
      await server.transaction(what, base, async (client) => {
        await client.query(`REVOKE ${identifier(grantRole)} FROM ${identifier(role)}`);
        await client.query(`GRANT ${identifier(grantRole)} TO ${identifier(role)}${option}`);
      });
      return { id: `${role}_${grantRole}_${withAdminOption}`, state: inputs };
    },

    async read(id, old, importing) {
      if (importing) throw new Error("this resource cannot be imported");
      const what = `read the membership of ${identifier(old.role)} in ${identifier(old.grantRole)}`;
      const row = await server.run(what, base, (client) =>
        membership(client, old.role, old.grantRole),
      );
      return row && { id, state: { ...old, withAdminOption: row.admin } };
    },

    async delete(_id, { role, grantRole }) {
      const what = `revoke role ${identifier(grantRole)} from ${identifier(role)}`;
      await server.transaction(what, base, (client) =>
        client.query(`REVOKE ${identifier(grantRole)} FROM ${identifier(role)}`),
      );
    },
  };
}
