import {
  CACHE_POOL,
  CACHE_TTL_SECONDS,
  DATABASE_POOL,
  KAFKA_CLIENT,
  PREPARE_THRESHOLD,
  READONLY_POOL,
} from "../../../../catalog/client-settings";
import type { DatabaseLogin, ServiceConnections } from "../../../../contract/connections";

export const PEM =
  "-----BEGIN CERTIFICATE-----\nMIIB+/=\n-----END CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n";

/** Passwords with all that some reader gives a meaning to, but for one kind of quotes. */
export const AWKWARD = "a b#c$d${HOME}e\"f\\n'g=h%:i";
export const EVERY_QUOTE = "'\"`";

/** The connections of a service, each login with the same password. */
export function connectionsWith(
  password: string,
  more: Partial<ServiceConnections> = {},
): ServiceConnections {
  const secret = encodeURIComponent(password);
  const login = (scheme: string, username: string, port: number, path = "") => ({
    host: "localhost",
    port,
    username,
    password,
    url: `${scheme}://${username}:${secret}@localhost:${port}${path}`,
  });
  const database = (username: string): DatabaseLogin => ({
    ...login("postgresql", username, 5432, "/user_service_db"),
    name: "user_service_db",
    jdbcUrl: "jdbc:postgresql://localhost:5432/user_service_db?prepareThreshold=5",
    prepareThreshold: PREPARE_THRESHOLD,
  });
  const redis = { keyPrefix: "user-service:", pool: CACHE_POOL };
  const kafka = { username: "user-service", password };
  return {
    database: { ...database("user_service_app"), pool: DATABASE_POOL },
    databaseReadonly: { ...database("user_service_readonly"), pool: READONLY_POOL },
    cache: {
      ...login("redis", "user-service", 6379),
      ...redis,
      ttlSeconds: CACHE_TTL_SECONDS,
    },
    session: { ...login("redis", "user-service", 6380), ...redis },
    kafka: {
      bootstrapServers: "localhost:19092",
      securityProtocol: "SASL_PLAINTEXT",
      saslMechanism: "SCRAM-SHA-256",
      ...kafka,
      groupId: "user-service",
      groupPrefix: "user-service.",
      topicPrefix: "",
      transactionalIdPrefix: "user-service-",
      ...KAFKA_CLIENT,
    },
    schemaRegistry: { url: "http://localhost:18081", ...kafka },
    ...more,
  };
}
