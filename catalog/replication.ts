/** The replicas of PostgreSQL: how they log in, and what the primary keeps for them. */

/** Role with which replicas log in to the primary. It replicates, and may connect to no database. */
export const REPLICATOR_ROLE = "platform_replicator";

/**
 * Most WAL in MiB that the primary keeps for one replica that does not read it. A replica that lacks more is copied anew.
 * Without a limit, a replica that is gone fills the primary's disk.
 */
export const KEPT_WAL_MB = 2_048;

/** Longest lag in seconds of a replica that works. */
export const MOST_LAG_SECONDS = 10;

/** Name of the slot of the replica with a role: of lower-case letters, digits and underscores. */
export const slotOf = (role: string): string => role.replaceAll("-", "_");
