import type { PostgresAdministrator } from "./postgres-client";

/** Value by name of the setting, as pg_roles.rolconfig writes it. */
type Settings = Record<string, string>;

/** What the state holds of the settings of roles. */
export interface RoleSettingsInputs extends PostgresAdministrator {
  /** Settings by role. Other settings of these roles are left alone. */
  roles: Record<string, Settings>;
}
