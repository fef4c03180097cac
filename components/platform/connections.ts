import * as pulumi from "@pulumi/pulumi";

import {
  CACHE_POOL,
  CACHE_TTL_SECONDS,
  DATABASE_POOL,
  KAFKA_CLIENT,
  PREPARE_THRESHOLD,
  READONLY_POOL,
} from "../../catalog/client-settings";
import type { RedisInstanceName, ServiceName } from "../../catalog/services";
import type { DatabaseLogin, Login, ServiceConnections } from "../../contract/connections";
import type { RedpandaBroker } from "../kafka/redpanda-broker";
import { SCRAM_MECHANISM } from "../kafka/redpanda-config";
import type { PostgresServer } from "../postgres/postgres-server";
import type { ServiceDatabase } from "../postgres/service-database";
import type { RedisInstance } from "../redis/redis-instance";

interface Endpoint {
  host: string;
  port: number;
}

export interface ServiceConnectionsArgs {
  service: ServiceName;
  postgres: PostgresServer;
  database: ServiceDatabase;
  redis: Readonly<Record<RedisInstanceName, RedisInstance>>;
  redisPasswords: Partial<Record<RedisInstanceName, pulumi.Output<string>>>;
  broker: RedpandaBroker;
  kafkaPassword: pulumi.Output<string>;
}

/** Gathers a service's connection settings in one secret output. */
export function serviceConnections(
  args: ServiceConnectionsArgs,
): pulumi.Output<ServiceConnections> {
  const { service, postgres, database, redis, redisPasswords, broker } = args;
  const name = database.databaseName;
  return pulumi.secret(
    pulumi
      .all([
        database.passwords.app,
        database.passwords.readonly,
        redisPasswords.cache,
        redisPasswords.session,
        args.kafkaPassword,
        postgres.trusted,
      ])
      .apply(([app, readonly, cache, session, kafka, trusted]): ServiceConnections => {
        const tls = trusted !== undefined;
        const redisScheme = tls ? "rediss" : "redis";
        const keyPrefix = `${service}:`;
        return {
          database: {
            ...databaseLogin(postgres, database.roles.app, app, name, tls),
            pool: DATABASE_POOL,
          },
          databaseReadonly: {
            ...databaseLogin(postgres, database.roles.readonly, readonly, name, tls),
            pool: READONLY_POOL,
          },
          cache: {
            ...login(redisScheme, redis.cache, service, cache ?? ""),
            keyPrefix,
            ttlSeconds: CACHE_TTL_SECONDS,
            pool: CACHE_POOL,
          },
          ...(session === undefined
            ? {}
            : {
                session: {
                  ...login(redisScheme, redis.session, service, session),
                  keyPrefix,
                  pool: CACHE_POOL,
                },
              }),
          kafka: {
            bootstrapServers: broker.bootstrapServers,
            securityProtocol: tls ? "SASL_SSL" : "SASL_PLAINTEXT",
            saslMechanism: SCRAM_MECHANISM,
            username: service,
            password: kafka,
            groupId: service,
            groupPrefix: `${service}.`,
            transactionalIdPrefix: `${service}-`,
            ...KAFKA_CLIENT,
          },
          schemaRegistry: { url: broker.schemaRegistryUrl, username: service, password: kafka },
          ...(tls ? { trustedCertificates: trusted } : {}),
        };
      }),
  );
}

function databaseLogin(
  server: Endpoint,
  username: string,
  password: string,
  name: string,
  tls: boolean,
): DatabaseLogin {
  const encrypted = tls ? ["sslmode=verify-full"] : [];
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
