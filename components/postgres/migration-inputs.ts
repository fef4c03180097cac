import type { MigrationTarget } from "../../migrator";
import { clientTls } from "../platform/client-tls";
import { roleNames } from "./roles";
import { rightsDesign } from "./service-rights";

/** Timeouts of the runner in milliseconds, and whether files may run out of order. */
export interface MigrationOptions {
  lockTimeoutMs: number;
  statementTimeoutMs: number;
  waitForLockMs: number;
  allowOutOfOrder: boolean;
}

/** SHA-256 by name of each file, in the order in which the files run. */
export type Checksums = Record<string, string>;

/** What the state holds of the migrations of one database. */
export interface SchemaMigrationsInputs extends MigrationOptions {
  host: string;
  port: number;
  database: string;
  username: string;
  password: string;
  /** PEM of the authorities to trust; absent if the connection is not encrypted. */
  trusted?: string;
  owner: string;
  /** Extensions that the program creates; absent if there are none. */
  extensions?: readonly string[];
  directory: string;
  versioned: Checksums;
  repeatable: Checksums;
}

/** The server, database and login that the runner connects with. */
export const targetOf = ({
  host,
  port,
  database,
  username,
  password,
  trusted,
  owner,
  extensions,
}: SchemaMigrationsInputs): MigrationTarget => ({
  host,
  port,
  database,
  user: username,
  password,
  owner,
  extensions,
  ssl: clientTls(trusted) ?? false,
  rights: rightsDesign(roleNames(owner.replace(/_owner$/, ""))),
});
