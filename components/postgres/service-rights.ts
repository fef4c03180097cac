import type { RightsDesign } from "../../migrator";
import { type DatabaseRightsInputs, OBJECT_KINDS, type RoleRights } from "./database-rights-inputs";
import { type LoginRole, type RoleNames, TIMEOUTS } from "./roles";

/**
 * The privileges of each kind of role on each kind of object. Roles that are not named, such as PUBLIC, have none.
 * Withheld on purpose: the application role may not TRUNCATE, nor create objects or triggers; the migrator has nothing
 * of its own but CONNECT, and acts as the owner.
 */
export const SERVICE_RIGHTS = {
  database: { migrator: ["CONNECT"], app: ["CONNECT"], readonly: ["CONNECT"] },
  schema: { app: ["USAGE"], readonly: ["USAGE"] },
  table: { app: ["SELECT", "INSERT", "UPDATE", "DELETE"], readonly: ["SELECT"] },
  sequence: { app: ["USAGE", "SELECT"], readonly: ["SELECT"] },
  function: { app: ["EXECUTE"], readonly: [] },
} as const;

/** The same for the roles of one service. The migration runner compares a database with it. */
export function rightsDesign(names: RoleNames): RightsDesign {
  const named = (rights: { [kind in keyof RoleNames]?: readonly string[] }) =>
    Object.fromEntries(
      Object.entries(rights).map(([kind, privileges]) => [
        names[kind as keyof RoleNames],
        privileges,
      ]),
    );
  return {
    database: named(SERVICE_RIGHTS.database),
    schema: named(SERVICE_RIGHTS.schema),
    table: named(SERVICE_RIGHTS.table),
    sequence: named(SERVICE_RIGHTS.sequence),
    function: named(SERVICE_RIGHTS.function),
  };
}

/** The rights of the roles of one service, and the settings that `postgresql.Role` has no property for. */
export function rolesRights(names: RoleNames): DatabaseRightsInputs["roles"] {
  const rights = (kind: LoginRole): RoleRights => {
    const held = OBJECT_KINDS.flatMap((object) => {
      const byRole: Partial<Record<LoginRole, readonly string[]>> = SERVICE_RIGHTS[object];
      const privileges = byRole[kind] ?? [];
      return privileges.length > 0 ? [[object, [...privileges].sort()] as const] : [];
    });
    return {
      ...Object.fromEntries(held),
      settings: { lock_timeout: `${TIMEOUTS[kind].lock}ms` },
    };
  };
  return Object.fromEntries(
    (["migrator", "app", "readonly"] as const).map((kind) => [names[kind], rights(kind)]),
  );
}
