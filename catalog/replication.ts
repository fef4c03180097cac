/** The replicas of PostgreSQL: how they log in, and what the primary keeps for them. */

/** Role with which replicas log in to the primary. */
export const REPLICATOR_ROLE = "platform_replicator";
/** The server's own database, to which it connects to read the state of its slot, and to no other. */
export const REPLICATOR_DATABASE = "postgres";

/**
 * Most WAL in MiB that the primary keeps for one replica that does not read it. A replica that lacks more is copied anew.
 * Without a limit, a replica that is gone fills the primary's disk.
 */
export const KEPT_WAL_MB = 2_048;

/** Where a replica mounts its volume, and the folder in it with the copy, so that a copy can appear at once. */
export const REPLICA_VOLUME = "/var/lib/postgresql/data";
export const COPY_FOLDER = "copy";

/** Longest lag in seconds of a replica that works. */
export const MOST_LAG_SECONDS = 10;

/** Name of the slot of the replica with a role: of lower-case letters, digits and underscores. */
export const slotOf = (role: string): string => role.replaceAll("-", "_");
