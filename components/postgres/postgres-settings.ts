/** What the server is started with, and how many connections it has to give; imports no provider. */
import { TLS_FILES } from "../platform/tls-files";

/**
 * Connections that the provider may hold to one database (its `maxConnections`). To make or drop a database it
 * holds one while it waits, without limit, for a lock which only one of them gets; and that one needs a second.
 * With fewer than databases + 1 all can wait for each other for ever (cyrilgdn/terraform-provider-postgresql
 * ff936b9, postgresql/resource_postgresql_database.go:126-149, config.go:315). One more lets roles be made meanwhile.
 */
export const providerConnections = (databases: number) => databases + 2;

/**
 * Connections kept for administrators: as many as the provider may hold to `postgres` and to each database,
 * which a refresh can take all at once, and 3 for people.
 */
export const administratorConnections = (databases: number) =>
  (databases + 1) * providerConnections(databases) + 3;

export interface PostgresSettings {
  memoryMb: number;
  /** Most connections that all roles together may hold. */
  roleConnections: number;
  /** Number of databases that the provider makes. */
  databases: number;
  hbaFile: string;
  tls: boolean;
}

/** The server's settings by name, as the command line has them. */
export function postgresSettings(given: PostgresSettings): Record<string, string | number> {
  return {
    max_connections: given.roleConnections + administratorConnections(given.databases),
    // A quarter of the memory for shared buffers, as PostgreSQL's manual suggests to start with.
    shared_buffers: `${Math.floor(given.memoryMb / 4)}MB`,
    // All services' pools share the processors: one query's helpers would make the others wait.
    max_parallel_workers_per_gather: 0,
    // The provider sends passwords in plain (resource_postgresql_role.go:299); the server keeps verifiers.
    password_encryption: "scram-sha-256",
    // The image's own says, for one, that everybody may try from everywhere.
    hba_file: given.hbaFile,
    timezone: "UTC",
    // Those passwords stay out of the log: no statement is logged, and no error or wait quotes one.
    log_statement: "none",
    log_min_error_statement: "panic",
    log_lock_waits: "on",
    ...(given.tls
      ? { ssl: "on", ssl_cert_file: TLS_FILES.certificate, ssl_key_file: TLS_FILES.privateKey }
      : {}),
  };
}
