import type { RightsDesign } from "../../migrator";
import type { RoleNames } from "./roles";

/** What each kind of role may do with each kind of object; whoever is not named here, PUBLIC above all, nothing. */
export const SERVICE_RIGHTS = {
  database: { migrator: ["CONNECT"], app: ["CONNECT"], readonly: ["CONNECT"] },
  schema: { app: ["USAGE"], readonly: ["USAGE"] },
  table: { app: ["SELECT", "INSERT", "UPDATE", "DELETE"], readonly: ["SELECT"] },
  sequence: { app: ["USAGE", "SELECT"], readonly: ["SELECT"] },
  function: { app: ["EXECUTE"], readonly: [] },
} as const;

/** The same with the roles of one service, for the migration runner to compare a database with. */
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
