/** Settings of the services' clients. Services get them with their connection settings. */

/** Time to live of a cache entry in seconds, by type of data. */
export const CACHE_TTL_SECONDS = {
  users: 30 * 60,
  sessions: 15 * 60,
  content: 2 * 60 * 60,
  agents: 45 * 60,
  payments: 10 * 60,
  analytics: 5 * 60,
  /** Anything else. */
  default: 60 * 60,
} as const;

/** Pool of Redis connections of one service. */
export const CACHE_POOL = { maxActive: 20, maxIdle: 10, minIdle: 2, maxWaitMs: 5_000 } as const;

/** Pool of database connections of one instance of a service, in the terms of HikariCP. */
export const DATABASE_POOL = {
  maximumPoolSize: 20,
  minimumIdle: 5,
  connectionTimeoutMs: 30_000,
  idleTimeoutMs: 600_000,
  maxLifetimeMs: 1_800_000,
  leakDetectionThresholdMs: 60_000,
  preparedStatementCacheSize: 250,
} as const;

/** Pool of one instance for the read-only login. */
export const READONLY_POOL = { ...DATABASE_POOL, maximumPoolSize: 5, minimumIdle: 1 } as const;

/** Number of executions after which PostgreSQL's JDBC driver prepares a statement on the server. */
export const PREPARE_THRESHOLD = 5;

export const KAFKA_CLIENT = {
  /**
   * The partitioner of librdkafka that agrees with Java's default. With librdkafka's own default, Python and the JVM
   * send the same key to different partitions, and its events are read out of order.
   */
  partitioner: "murmur2_random",
  /**
   * Largest batch that the broker accepts, and so the largest message with its headers: Redpanda's default
   * of kafka_batch_max_bytes (redpanda src/v/config/configuration.cc).
   */
  maxMessageBytes: 1_048_576,
} as const;

/** In place of PEM: clients trust the authorities that their system trusts. libpq has the same word (`sslrootcert=system`). */
export const SYSTEM_AUTHORITIES = "system";
