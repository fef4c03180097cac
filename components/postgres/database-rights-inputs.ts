import type { PostgresAdministrator } from "./postgres-client";

/** Kinds of objects, in the terms of GRANT. */
export const OBJECT_KINDS = ["database", "schema", "table", "sequence", "function"] as const;
export type ObjectKind = (typeof OBJECT_KINDS)[number];

/** What one role has. Privileges are in capitals and in alphabetical order; a kind without any is left out. */
export interface RoleRights extends Partial<Record<ObjectKind, string[]>> {
  /** Settings with which its sessions begin, as pg_roles.rolconfig writes them. */
  settings?: Record<string, string>;
}

/** What the state holds of the rights on a database. */
export interface DatabaseRightsInputs extends PostgresAdministrator {
  database: string;
  /** Role that owns the database, and creates the tables, sequences and functions in it. */
  owner: string;
  /**
   * The rights of each role on the database, on its schema `public`, and on what the owner creates there. PUBLIC has
   * none. Roles that are not named, and other settings of those that are, are left alone.
   */
  roles: Record<string, RoleRights>;
}
