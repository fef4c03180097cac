/** Expressions that alerts and dashboards share, so that a person sees in a dashboard what an alert is about. */
import { sharedName } from "../catalog/names";
import { DEAD_LETTER_SUFFIX } from "../catalog/topics";

/** Fraction of its limit that each role has as open connections. */
export const ROLE_CONNECTIONS =
  "platform_postgres_role_connections / (platform_postgres_role_connection_limit > 0)";

/** The same of the whole server. */
export const SERVER_CONNECTIONS =
  "platform_postgres_server_connections / platform_postgres_server_max_connections";

/** Roles that run migrations, whose statements may take long. */
export const MIGRATORS = `role=~".*_migrator"`;
const OTHERS = MIGRATORS.replace("=~", "!~");

/** Seconds that the longest statement of each role has been running, without migrations. */
export const LONGEST_STATEMENT = `platform_postgres_statement_longest_seconds{${OTHERS}}`;

/** 1 while the primary sends its changes to the replica. */
export const REPLICA_CONNECTED = "platform_postgres_replica_connected";
/** Seconds by which each replica is behind; 0 for one that is not connected. */
export const REPLICA_LAG = "platform_postgres_replica_lag_seconds";
/** Seconds that the oldest file of WAL has been waiting for the archive. */
export const ARCHIVE_WAITING = "platform_postgres_archive_waiting_seconds";
/** Seconds since the last base backup, or since the server's start where there is none. */
export const BASE_BACKUP_AGE = "platform_postgres_archive_backup_age_seconds";

const lookups = (what: string) => `rate(redis_keyspace_${what}_total{server="cache"}[10m])`;
/** Keys that services look up in the cache, by second. */
export const CACHE_READS = `sum(${lookups("hits")}) + sum(${lookups("misses")})`;
/** Fraction of them that the cache does not have. */
export const CACHE_MISSES = `sum(${lookups("misses")}) / (${CACHE_READS})`;

/**
 * Copies of partitions that do not have every record, by topic. The leader of each partition reports them
 * (redpanda v26.2, src/v/cluster/partition_probe.cc, under_replicated_replicas).
 */
export const COPIES_MISSING =
  'sum by (redpanda_topic) (redpanda_kafka_under_replicated_replicas{redpanda_namespace="kafka"})';

/** Fraction of the disk that is free. */
export const DISK_FREE = "redpanda_storage_disk_free_bytes / redpanda_storage_disk_total_bytes";

/** Seconds since the last good backup of each database, or since the server started where there was none. */
export const BACKUP_AGE = "platform_postgres_backup_age_seconds";

/** End of each certificate, as seconds since 1970. The stack writes it: it is a rule, and no exporter's series. */
export const CERTIFICATE_END = "platform_certificate_end_seconds";
/** Seconds until then. */
export const CERTIFICATE_LEFT = `${CERTIFICATE_END} - time()`;

/** The offset after the last record of each partition. Every replica reports it; -1 while there is none. */
const written = (topics: string) =>
  `max by (redpanda_topic, redpanda_partition) (redpanda_kafka_max_offset{redpanda_namespace="kafka", ${topics}} >= 0)`;
/** The offset up to which each group has read each partition. */
const read = (topics: string) =>
  `max by (redpanda_group, redpanda_topic, redpanda_partition) (redpanda_kafka_consumer_group_committed_offset{${topics}})`;

/** A pattern of RE2 that matches the names which begin with the stack's prefix. */
const own = (prefix: string, end: string) => `redpanda_topic=~"${sharedName(prefix, "")}${end}"`;

/**
 * Records that a group has not read yet, by group and topic. From the two offsets, as Redpanda's documentation gives it:
 * its own series of the lag are off by default, and stay at 0 for a group without a running member
 * (redpanda-data/docs 26.2, manage/monitoring; enable_consumer_group_metrics in src/v/config/configuration.cc).
 */
export const consumerLag = (prefix: string): string => {
  const topics = own(prefix, ".+");
  return `sum by (redpanda_group, redpanda_topic) (clamp_min(${written(topics)} - on (redpanda_topic, redpanda_partition) group_right ${read(topics)}, 0))`;
};

/** Dead letters that no group has read yet, by topic. A topic of dead letters has one partition. */
export const deadLetters = (prefix: string): string => {
  const topics = own(prefix, `.+${DEAD_LETTER_SUFFIX}`);
  const all = `max by (redpanda_topic) (${written(topics)})`;
  return `clamp_min(${all} - (max by (redpanda_topic) (${read(topics)}) or 0 * ${all}), 0)`;
};

/** Servers that follow the primary of the sessions and are connected to it; each node tells its own number. */
export const SESSION_REPLICAS = 'max by (server) (redis_connected_slaves{server="session"})';

/** Slots of the cache whose node answers, as the node says that sees the fewest. */
export const CACHE_SLOTS = 'min by (server) (redis_cluster_slots_ok{server="cache"})';
