/** The settings that the server starts with, and the number of its connections. */
import { KEPT_WAL_MB } from "../../catalog/replication";
import { TLS_FILES } from "../platform/tls-files";
import { archiveSettings } from "./wal-archive/settings";

/** Databases that every server has. Every role that may log in may connect to them, unless that is revoked. */
export const OWN_DATABASES = ["postgres", "template1"];

/**
 * Connections that the provider may hold to one database (its `maxConnections`). To create or drop a database it
 * holds one connection while it waits, without a timeout, for a lock; and whichever gets the lock needs a second
 * connection. With fewer than databases + 1, all can wait for each other forever (cyrilgdn/terraform-provider-postgresql
 * ff936b9, postgresql/resource_postgresql_database.go:126-149, config.go:315). One more lets roles be created meanwhile.
 */
export const providerConnections = (databases: number) => databases + 2;

/** Roles of each service: its owner, and three that log in. */
const ROLES_PER_DATABASE = 4;

/**
 * The same for an administrator who is no superuser, and so a member of every role that it creates. To drop a role it
 * then holds one connection while it waits for the lock of its own name, which whoever drops a database holds (the same
 * repository, postgresql/helpers.go, pgLockRole). Every role and database may go at the same time, and one connection
 * more is what the holder needs to go on.
 */
export const memberConnections = (databases: number) => databases * (ROLES_PER_DATABASE + 1) + 1;

/**
 * Connections reserved for administrators: as many as the provider may hold to `postgres` and to each database, all
 * of which a refresh can use at once, and 3 for people.
 */
export const administratorConnections = (databases: number) =>
  (databases + 1) * providerConnections(databases) + 3;

export interface PostgresSettings {
  memoryMb: number;
  /** Most connections that all roles together may hold. */
  roleConnections: number;
  /** Number of databases that the provider creates. */
  databases: number;
  hbaFile: string;
  /** Whether it has replicas. */
  replicates?: boolean;
  tls: boolean;
  /** Whether a commit waits until it is on the disk. */
  fsync: boolean;
  /** Most WAL in MiB that waits for the archive; undefined without one. */
  archiveQueueMb?: number;
}

/** The server's settings by name. */
export function postgresSettings(settings: PostgresSettings): Record<string, string | number> {
  return {
    max_connections: settings.roleConnections + administratorConnections(settings.databases),
    // A quarter of the memory for shared buffers: the starting point that PostgreSQL's manual suggests.
    shared_buffers: `${Math.floor(settings.memoryMb / 4)}MB`,
    // All pools share the processors: the parallel workers of one query would make others wait.
    max_parallel_workers_per_gather: 0,
    // The provider sends passwords in plain text (resource_postgresql_role.go:299); the server stores verifiers.
    password_encryption: "scram-sha-256",
    // The image's own file lets everybody try to log in from everywhere.
    hba_file: settings.hbaFile,
    timezone: "UTC",
    // This keeps these passwords out of the log: no statement is logged, and no error or wait quotes one.
    log_statement: "none",
    log_min_error_statement: "panic",
    log_lock_waits: "on",
    // With each release from 10 on, the defaults of the other settings let replicas connect.
    ...(settings.replicates ? { max_slot_wal_keep_size: `${KEPT_WAL_MB}MB` } : {}),
    ...(settings.fsync ? {} : { fsync: "off", synchronous_commit: "off", full_page_writes: "off" }),
    ...(settings.tls
      ? { ssl: "on", ssl_cert_file: TLS_FILES.certificate, ssl_key_file: TLS_FILES.privateKey }
      : {}),
    ...(settings.archiveQueueMb === undefined ? {} : archiveSettings(settings.archiveQueueMb)),
  };
}

/** The command that starts a server with settings. */
export const postgresCommand = (settings: Record<string, string | number>): string[] => [
  "postgres",
  ...Object.entries(settings).flatMap(([key, value]) => ["-c", `${key}=${value}`]),
];
