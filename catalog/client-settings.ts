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

/** A service's pool of database connections, in the terms of HikariCP. */
export const DATABASE_POOL = {
  maximumPoolSize: 20,
  minimumIdle: 5,
  connectionTimeoutMs: 30_000,
  idleTimeoutMs: 600_000,
  maxLifetimeMs: 1_800_000,
  leakDetectionThresholdMs: 60_000,
  preparedStatementCacheSize: 250,
} as const;
