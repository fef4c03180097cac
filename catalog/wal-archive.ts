/** The archive of PostgreSQL's WAL: its principal on the server, and where its parts meet in the containers. */

import { POSTGRES_MAJORS, type PostgresMajor } from "./postgres-majors";

/** Role on PostgreSQL that makes base backups: it reads settings, and no data of services. */
export const BACKUP_ROLE = "platform_backup";
/** Database to which it connects. */
export const BACKUP_DATABASE = "postgres";
/** Most connections of the role: barman-cloud-backup holds one, and one may be left of a run that was killed. */
export const BACKUP_CONNECTIONS = 2;
/** Functions that barman-cloud-backup calls or asks for (barman 3.17.0, barman/postgres.py, has_backup_privileges). */
export const BACKUP_FUNCTIONS = [
  "pg_backup_start",
  "pg_backup_stop",
  "pg_create_restore_point",
  "pg_switch_wal",
] as const;
/** Roles of PostgreSQL that it is a member of: it reads where the data and the files of the configuration are. */
export const BACKUP_MEMBERSHIPS = ["pg_read_all_settings", "pg_read_all_stats"] as const;

/**
 * Folder of a stack's archive below the destination. Each major version has one of its own: no server reads the files of
 * another one, and the older ones are still there for a server that is taken back.
 */
export const archiveFolder = (stack: string, major: PostgresMajor): string =>
  major === POSTGRES_MAJORS[0] ? stack : `${stack}-postgres-${major}`;

/** Where the volume of the archive is in the containers of PostgreSQL and of the archive. */
export const ARCHIVE_HOME = "/var/lib/platform-wal";
/** Where PostgreSQL's data is in both. */
export const DATA_HOME = "/var/lib/postgresql/data";
/** The program of the archive's container (components/postgres/wal-archive/agent.py). */
export const ARCHIVE_AGENT = "/etc/platform/wal-archive.py";
/** End of the name of the archive's volume, after the stack's prefix. */
export const ARCHIVE_VOLUME = "wal-archiver-data";
