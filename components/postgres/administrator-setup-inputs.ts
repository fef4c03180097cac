import type { PostgresAdministrator } from "./postgres-client";

/** What the state holds of the administrator of a server that exists already. */
export interface AdministratorSetupInputs extends PostgresAdministrator {
  /** Database to which the administrator connects. */
  database: string;
  /** Databases of the server's own to which no other role is to connect. */
  closed: string[];
}
