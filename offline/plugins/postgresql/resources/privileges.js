// @ts-check
/** What grants and default privileges have in common (helpers.go of the original). */

/** @typedef {import("../provider-server.js").Property} Property */
/** @typedef {import("../provider-server.js").Values} Values */

/** The privileges that each type of object knows, without MAINTAIN of PostgreSQL 17. */
const KNOWN = {
  database: ["CREATE", "CONNECT", "TEMPORARY"],
  table: ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"],
  sequence: ["USAGE", "SELECT", "UPDATE"],
  schema: ["CREATE", "USAGE"],
  function: ["EXECUTE"],
  procedure: ["EXECUTE"],
  routine: ["EXECUTE"],
  type: ["USAGE"],
  foreign_data_wrapper: ["USAGE"],
  foreign_server: ["USAGE"],
  column: ["SELECT", "INSERT", "UPDATE", "REFERENCES"],
};

/** @typedef {keyof typeof KNOWN} ObjectType */

/** The letters of pg_class, pg_proc and pg_default_acl for the types of objects. */
export const LETTERS = {
  table: "r",
  sequence: "S",
  function: "f",
  routine: "f",
  type: "T",
  schema: "n",
};

/** @param {string[]} names @returns {string} the same text for the same set */
const set = (names) => [...new Set(names)].sort().join();

/** @type {Property} */
export const privilegesProperty = { kind: "set", required: true };

/** @param {ObjectType[]} allowed @returns {Property} */
export const objectTypeProperty = (allowed) => ({
  kind: "string",
  required: true,
  replace: true,
  validate: (value) =>
    allowed.includes(value) ? undefined : `must be one of ${allowed.join(", ")}`,
});

/**
 * Refuses what is no privilege of the object's type. As in the original this is found while something is
 * made, not in a preview, and neither lower case nor TEMP is known.
 * @param {Values} inputs
 */
export function validatePrivileges({ objectType, privileges }) {
  const known = ["ALL", ...KNOWN[/** @type {ObjectType} */ (objectType)]];
  for (const privilege of privileges) {
    if (!known.includes(privilege))
      throw new Error(`${privilege} is not an allowed privilege for object type ${objectType}`);
  }
}

/**
 * @param {Values} state
 * @param {string[] | null | undefined} granted
 * @returns {string[]} the state's own list where it means the same
 */
export function readPrivileges({ objectType, privileges }, granted) {
  const held = granted ?? [];
  const all = KNOWN[/** @type {ObjectType} */ (objectType)];
  const isSame =
    set(held) === set(privileges) || (privileges.includes("ALL") && set(held) === set(all));
  return isSame ? privileges : [...new Set(held)].sort();
}
