/** The principals of the monitoring: they read statistics of servers, and no data of services. */

/** Role on PostgreSQL: a member of pg_monitor that may connect to the server's own database alone. */
export const MONITOR_ROLE = "platform_monitor";
/** Database to which it connects. */
export const MONITOR_DATABASE = "postgres";
/** Most connections of the role: a scrape opens two, and the next may begin before they are closed. */
export const MONITOR_CONNECTIONS = 4;

/**
 * Start of the comment that a database has after a good backup; the time follows, ISO-8601 in UTC. Every role may read it,
 * it costs no table, and a restored database has none until its own first backup.
 */
export const LAST_BACKUP = "Last good backup: ";

/** User on Redis, without keys. */
export const MONITOR_USER = "platform-monitor";
