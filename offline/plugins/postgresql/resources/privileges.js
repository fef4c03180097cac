// @ts-check
/** What grants and default privileges have in common. */

/** @typedef {import("../provider-server.js").Property} Property */

/** The privileges that each type of object knows. */
const KNOWN = {
  database: ["CREATE", "CONNECT", "TEMPORARY"],
  schema: ["CREATE", "USAGE"],
  table: ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN"],
  column: ["SELECT", "INSERT", "UPDATE", "REFERENCES"],
  sequence: ["USAGE", "SELECT", "UPDATE"],
  function: ["EXECUTE"],
  procedure: ["EXECUTE"],
  routine: ["EXECUTE"],
  type: ["USAGE"],
  foreign_data_wrapper: ["USAGE"],
  foreign_server: ["USAGE"],
};

/** @typedef {keyof typeof KNOWN} ObjectType */

/** @param {string} privilege @returns {string} */
function plainPrivilege(privilege) {
  const upper = privilege.toUpperCase();
  return upper === "TEMP" ? "TEMPORARY" : upper === "ALL PRIVILEGES" ? "ALL" : upper;
}

/** @param {string[]} privileges @returns {string[]} in one spelling and order */
export const plainPrivileges = (privileges) => [...new Set(privileges.map(plainPrivilege))].sort();

/** @param {string[]} a @param {string[]} b @returns {boolean} */
export const samePrivileges = (a, b) => plainPrivileges(a).join() === plainPrivileges(b).join();

/** @type {Property} */
export const privilegesProperty = { kind: "set", required: true, same: samePrivileges };

/** @param {ObjectType[]} allowed @returns {Property} */
export const objectTypeProperty = (allowed) => ({
  kind: "string",
  required: true,
  replace: true,
  validate: (value) =>
    allowed.includes(value) ? undefined : `must be one of ${allowed.join(", ")}`,
});

/** @param {import("../provider-server.js").Values} inputs */
export function checkPrivileges({ objectType, privileges }) {
  const known = KNOWN[/** @type {ObjectType} */ (objectType)];
  return plainPrivileges(privileges)
    .filter((privilege) => privilege !== "ALL" && !known.includes(privilege))
    .map((privilege) => ({
      property: "privileges",
      reason: `${privilege} is not a privilege on a ${objectType}; known are ALL, ${known.join(", ")}`,
    }));
}

/**
 * @typedef {object} Held what a role holds on one object
 * @property {string[]} privileges
 * @property {string[]} grantable those of them which it may grant to others
 * @property {string[]} all every privilege there is on such an object
 */

/** @param {string} letter names the type of object @param {string} owner SQL @returns {string} SQL for all the privileges on an object */
export const allPrivileges = (letter, owner) =>
  `ARRAY(SELECT DISTINCT a.privilege_type FROM aclexplode(acldefault('${letter}', ${owner})) a WHERE a.grantee = ${owner})`;

/** @param {string} acl SQL @param {string} all SQL @returns {string} SQL for the columns of {@link Held}; $1 is the role's number */
export const heldColumns = (acl, all) => `
  ARRAY(SELECT DISTINCT a.privilege_type FROM aclexplode(${acl}) a WHERE a.grantee = $1::int8::oid) AS privileges,
  ARRAY(SELECT DISTINCT a.privilege_type FROM aclexplode(${acl}) a WHERE a.grantee = $1::int8::oid AND a.is_grantable) AS grantable,
  ${all} AS all`;

/**
 * Compares what was asked with what is held on each object.
 * @param {{ privileges: string[], withGrantOption?: boolean }} asked
 * @param {Held[]} held
 * @returns {{ privileges: string[], withGrantOption: boolean }} what was asked where all objects have
 *   it; otherwise what the first object that differs has
 */
export function actualPrivileges(asked, held) {
  const wantsOption = Boolean(asked.withGrantOption);
  for (const { privileges, grantable, all } of held) {
    const wanted = plainPrivileges(asked.privileges).includes("ALL") ? all : asked.privileges;
    const right = samePrivileges(wanted, privileges);
    const option = privileges.length > 0 ? grantable.length === privileges.length : wantsOption;
    if (!right || option !== wantsOption) {
      // In the order asked for, then what is more, so that a listing shows only what differs.
      const kept = asked.privileges.filter((privilege) =>
        privileges.includes(plainPrivilege(privilege)),
      );
      const more = privileges
        .filter((privilege) => !plainPrivileges(kept).includes(privilege))
        .sort();
      return { privileges: right ? asked.privileges : [...kept, ...more], withGrantOption: option };
    }
  }
  return { privileges: asked.privileges, withGrantOption: wantsOption };
}
