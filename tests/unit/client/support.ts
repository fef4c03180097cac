import {
  CACHE_POOL,
  CACHE_TTL_SECONDS,
  DATABASE_POOL,
  KAFKA_CLIENT,
  PREPARE_THRESHOLD,
  READONLY_POOL,
} from "../../../catalog/client-settings";
import type { ServiceConnections } from "../../../client/src/connections";

const login = (port: number) => ({
  ...{ host: "localhost", port, username: "user", password: "a-password" },
  url: `scheme://user:a-password@localhost:${port}`,
});

const database = {
  ...login(5432),
  name: "user_service_db",
  jdbcUrl: "jdbc:postgresql://localhost:5432/user_service_db",
  prepareThreshold: PREPARE_THRESHOLD,
};

/** Complete settings, as the platform gives them out. */
export const connections: ServiceConnections = {
  database: { ...database, pool: DATABASE_POOL },
  databaseReadonly: { ...database, pool: READONLY_POOL },
  cache: {
    ...login(6379),
    keyPrefix: "user-service:",
    ttlSeconds: CACHE_TTL_SECONDS,
    pool: CACHE_POOL,
  },
  kafka: {
    bootstrapServers: "localhost:19092",
    securityProtocol: "SASL_PLAINTEXT",
    saslMechanism: "SCRAM-SHA-256",
    username: "user-service",
    password: "a-password",
    groupId: "user-service",
    groupPrefix: "user-service.",
    topicPrefix: "",
    transactionalIdPrefix: "user-service-",
    ...KAFKA_CLIENT,
  },
};
