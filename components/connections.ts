import * as pulumi from "@pulumi/pulumi";

import {
  CACHE_POOL,
  CACHE_TTL_SECONDS,
  DATABASE_POOL,
  KAFKA_CLIENT,
  PREPARE_THRESHOLD,
  READONLY_POOL,
} from "../catalog/client-settings";
import type { RedisInstanceName, ServiceName } from "../catalog/services";
import { merge } from "../certificates/pem";
import type { DatabaseLogin, Login, RedisLogin, ServiceConnections } from "../contract/connections";
import type { KafkaCluster } from "./kafka/kafka-cluster";
import type { PostgresServer } from "./postgres/postgres-server";
import type { ServiceDatabase } from "./postgres/service-database";
import type { RedisServer } from "./redis/redis-server";

interface Endpoint {
  host: string;
  port: number;
}

export interface ServiceConnectionsArgs {
  service: ServiceName;
  postgres: PostgresServer;
  database: Pick<ServiceDatabase, "databaseName" | "roles" | "passwords">;
  redis: Readonly<Record<RedisInstanceName, RedisServer>>;
  /** Passwords of the service; a server that it does not use is left out. */
  redisPasswords: Partial<Record<RedisInstanceName, pulumi.Output<string>>>;
  kafka: KafkaCluster;
  kafkaPassword: pulumi.Output<string>;
}

/**
 * Gathers a service's connection settings in one secret output. Their order counts: `servicesRevision` is a hash of
 * their JSON, and another order would tell every service to read its settings again.
 */
export function serviceConnections(
  args: ServiceConnectionsArgs,
): pulumi.Output<ServiceConnections> {
  const { service, postgres, database, redis, redisPasswords, kafka } = args;
  const trusted = pulumi
    .all([postgres.trusted, redis.cache.trusted, redis.session.trusted, kafka.trusted])
    .apply(mergeAll);
  const passwords = [
    database.passwords.app,
    database.passwords.readonly,
    redisPasswords.cache,
    redisPasswords.session,
    args.kafkaPassword,
  ] as const;
  return pulumi.secret(
    pulumi
      .all([...passwords, trusted])
      .apply(
        ([
          app,
          readonly,
          cache,
          session,
          kafkaPassword,
          trustedCertificates,
        ]): ServiceConnections => ({
          database: {
            ...databaseLogin(postgres, database.roles.app, app, database.databaseName),
            pool: DATABASE_POOL,
          },
          databaseReadonly: {
            ...databaseLogin(postgres, database.roles.readonly, readonly, database.databaseName),
            pool: READONLY_POOL,
          },
          cache: redisLogin(redis.cache, service, cache ?? "", { ttlSeconds: CACHE_TTL_SECONDS }),
          ...(session === undefined
            ? {}
            : { session: redisLogin(redis.session, service, session, {}) }),
          kafka: kafkaLogin(kafka, service, kafkaPassword),
          schemaRegistry: {
            url: kafka.schemaRegistry.url,
            username: service,
            password: kafkaPassword,
          },
          ...(trustedCertificates === undefined ? {} : { trustedCertificates }),
        }),
      ),
  );
}

/** The authorities of several servers in one bundle, each once; undefined if no server has any. */
const mergeAll = (bundles: (string | undefined)[]): string | undefined =>
  bundles
    .filter((bundle) => bundle !== undefined)
    .reduce<string | undefined>(
      (all, bundle) => (all === undefined ? bundle : merge(all, bundle)),
      undefined,
    );

function databaseLogin(
  server: PostgresServer,
  username: string,
  password: string,
  name: string,
): DatabaseLogin {
  const encrypted = server.trusted === undefined ? [] : ["sslmode=verify-full"];
  const driver = [
    ...encrypted,
    `prepareThreshold=${PREPARE_THRESHOLD}`,
    `preparedStatementCacheQueries=${DATABASE_POOL.preparedStatementCacheSize}`,
  ];
  const path = [name, ...encrypted].join("?");
  return {
    ...login("postgresql", server, username, password, path),
    name,
    jdbcUrl: `jdbc:postgresql://${server.host}:${server.port}/${name}?${driver.join("&")}`,
    prepareThreshold: PREPARE_THRESHOLD,
  };
}

const redisLogin = <T>(
  server: RedisServer,
  service: string,
  password: string,
  more: T,
): RedisLogin & T => ({
  ...login(server.trusted === undefined ? "redis" : "rediss", server, service, password),
  keyPrefix: `${service}:`,
  ...more,
  pool: CACHE_POOL,
});

const kafkaLogin = (
  { bootstrapServers, trusted, capabilities }: KafkaCluster,
  service: string,
  password: string,
): ServiceConnections["kafka"] => ({
  bootstrapServers,
  securityProtocol: trusted === undefined ? "SASL_PLAINTEXT" : "SASL_SSL",
  saslMechanism: capabilities.saslMechanism,
  username: service,
  password,
  groupId: service,
  groupPrefix: `${service}.`,
  transactionalIdPrefix: `${service}-`,
  ...KAFKA_CLIENT,
});

/** Generated passwords hold letters and digits only, and need no escaping here. */
function login(
  scheme: string,
  { host, port }: Endpoint,
  username: string,
  password: string,
  path?: string,
): Login {
  const url = `${scheme}://${username}:${password}@${host}:${port}${path ? `/${path}` : ""}`;
  return { host, port, username, password, url };
}
