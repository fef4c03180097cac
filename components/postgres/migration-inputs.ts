import type { MigrationTarget } from "../../migrator";
import { roleNames } from "./roles";
import { rightsDesign } from "./service-rights";

/** How patient the runner is; times in milliseconds. */
export interface MigrationOptions {
  lockTimeoutMs: number;
  statementTimeoutMs: number;
  waitForLockMs: number;
  allowOutOfOrder: boolean;
}

/** Hash by name of each file, in the order in which they run. */
export type Checksums = Record<string, string>;

/** What the state holds of the migrations of one database. */
export interface SchemaMigrationsInputs extends MigrationOptions {
  host: string;
  port: number;
  database: string;
  username: string;
  password: string;
  /** PEM of the authorities to trust; absent where the connection is in clear. */
  trusted?: string;
  owner: string;
  /** Extensions that the program makes; absent where it makes none. */
  extensions?: readonly string[];
  directory: string;
  versioned: Checksums;
  repeatable: Checksums;
}

/** Where and as whom the runner connects. */
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
  ssl: trusted !== undefined && { ca: trusted },
  rights: rightsDesign(roleNames(owner.replace(/_owner$/, ""))),
});
