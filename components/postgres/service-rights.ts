import type { RightsDesign } from "../../migrator";
import type { RoleNames } from "./roles";

/** The privileges of each kind of role on each kind of object. Roles that are not named, such as PUBLIC, have none. */
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
