import { SERVICES } from "../catalog/services";

/** The most that each kind of role may hold on a database, by the kind of object. */
const MOST: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  // Owns everything, and so needs no grant.
  owner: {},
  // Acts as the owner, and has nothing of its own.
  migrator: { database: ["CONNECT"] },
  app: {
    database: ["CONNECT"],
    schema: ["USAGE"],
    table: ["SELECT", "INSERT", "UPDATE", "DELETE"],
    sequence: ["USAGE", "SELECT"],
    function: ["EXECUTE"],
  },
  readonly: {
    database: ["CONNECT"],
    schema: ["USAGE"],
    table: ["SELECT"],
    sequence: ["SELECT"],
  },
};

/** What a role is for, by the end of its name: `<prefix>_owner`, `_migrator`, `_app` or `_readonly`. */
const kindOf = (role: string) => role.slice(role.lastIndexOf("_") + 1);

/**
 * The most that a role may be granted on objects of a kind.
 * @param role its name; PUBLIC, and a role of no kind that is known here, may hold nothing
 * @param objectType as PostgreSQL's provider calls it: database, schema, table, sequence, function ...
 */
export const mostPrivileges = (role: string, objectType: string): readonly string[] =>
  MOST[kindOf(role)]?.[objectType] ?? [];

/** The roles that a role may be a member of: a migrator of its own database's owner, no other of any. */
export const rolesAbove = (role: string): readonly string[] =>
  kindOf(role) === "migrator" ? [role.replace(/migrator$/, "owner")] : [];

/**
 * The roles that may hold anything on a database: its own service's.
 * @returns undefined for a database of no service
 */
export function rolesOn(database: string): string[] | undefined {
  const service = Object.values(SERVICES).find((known) => known.database === database);
  return service && Object.keys(MOST).map((kind) => `${service.rolePrefix}_${kind}`);
}
