/** The four services of the learning product and the databases they own. */

export const SERVICE_NAMES = [
  "user-service",
  "agent-orchestrator",
  "content-service",
  "payment-service",
] as const;

/** Name of a service: its Kafka and Redis user, and the start of its consumer groups and keys. */
export type ServiceName = (typeof SERVICE_NAMES)[number];

export interface ServiceDefinition {
  /** PostgreSQL database that only this service uses. */
  database: string;
  /** Start of the names of the database's roles: `<prefix>_owner`, `_migrator`, `_app`, `_readonly`. */
  rolePrefix: string;
  /** Number of instances that run at a time. During a rolling deployment there is room for one more. */
  instances: number;
  /**
   * Extensions that only a superuser may create, such as pg_stat_statements or postgis. The program creates them in
   * the database before its migrations run. Trusted ones (citext, pg_trgm, pgcrypto ...) belong in a migration.
   */
  extensions: readonly string[];
  /** Redis instances that the service may log in to. */
  redis: readonly RedisInstanceName[];
}

/** The two Redis instances: `cache` may lose data, `session` may not. */
export const REDIS_INSTANCES = ["cache", "session"] as const;
export type RedisInstanceName = (typeof REDIS_INSTANCES)[number];

export const SERVICES: Readonly<Record<ServiceName, ServiceDefinition>> = {
  "user-service": {
    database: "user_service_db",
    rolePrefix: "user_service",
    instances: 1,
    extensions: [],
    redis: ["cache", "session"],
  },
  "agent-orchestrator": {
    database: "agent_orchestrator_db",
    rolePrefix: "agent_orchestrator",
    instances: 1,
    extensions: [],
    // Learning sessions in progress must not be evicted.
    redis: ["cache", "session"],
  },
  "content-service": {
    database: "content_service_db",
    rolePrefix: "content_service",
    instances: 1,
    extensions: [],
    redis: ["cache"],
  },
  "payment-service": {
    database: "payment_service_db",
    rolePrefix: "payment_service",
    instances: 1,
    extensions: [],
    redis: ["cache"],
  },
};

/** The services that log in to a Redis instance. */
export const servicesOn = (instance: RedisInstanceName): ServiceName[] =>
  SERVICE_NAMES.filter((service) => SERVICES[service].redis.includes(instance));
