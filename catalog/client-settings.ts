/** How services are told to use what the stack provides: handed out with the connection settings. */

/** Seconds for which the cache keeps an entry, by type of data. */
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

/** A service's pool of Redis connections. */
export const CACHE_POOL = { maxActive: 20, maxIdle: 10, minIdle: 2, maxWaitMs: 5_000 } as const;

/** One instance's pool of database connections, in the terms of HikariCP. */
export const DATABASE_POOL = {
  maximumPoolSize: 20,
  minimumIdle: 5,
  connectionTimeoutMs: 30_000,
  idleTimeoutMs: 600_000,
  maxLifetimeMs: 1_800_000,
  leakDetectionThresholdMs: 60_000,
  preparedStatementCacheSize: 250,
} as const;

/** One instance's pool for the read-only login. */
export const READONLY_POOL = { ...DATABASE_POOL, maximumPoolSize: 5, minimumIdle: 1 } as const;

/** After how many calls of a statement PostgreSQL's JDBC driver has the server keep it. */
export const PREPARE_THRESHOLD = 5;

export const KAFKA_CLIENT = {
  /**
   * Of librdkafka's partitioners, the one that agrees with Java's: with its own default, a key goes to
   * another partition by Python than by the JVM, and its events are read out of order.
   */
  partitioner: "murmur2_random",
  /**
   * Largest batch that the broker takes, and so the largest message with its headers: Redpanda's default
   * of kafka_batch_max_bytes (redpanda src/v/config/configuration.cc).
   */
  maxMessageBytes: 1_048_576,
} as const;
