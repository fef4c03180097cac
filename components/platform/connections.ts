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
import type { RedpandaBroker } from "../kafka/redpanda-broker";
import { SCRAM_MECHANISM } from "../kafka/redpanda-config";
import type { PostgresServer } from "../postgres/postgres-server";
import type { ServiceDatabase } from "../postgres/service-database";
import type { RedisInstance } from "../redis/redis-instance";

interface Endpoint {
  host: string;
  port: number;
}

interface Login extends Endpoint {
  username: string;
  password: string;
  url: string;
}

interface DatabaseLogin extends Login {
  name: string;
  /**
   * For the JVM, without a login: pass `username` and `password` beside it. HikariCP prints the whole
   * address in its exceptions, and PostgreSQL's JDBC driver takes no login before an @.
   */
  jdbcUrl: string;
  /** Calls of a statement before the JDBC driver has the server keep it; also part of `jdbcUrl`. */
  prepareThreshold: typeof PREPARE_THRESHOLD;
}

/** What one service connects with, from the host. Times are in the unit that the name ends with. */
export interface ServiceConnections {
  database: DatabaseLogin & { pool: typeof DATABASE_POOL };
  /** Login of whoever only reads the service's database. */
  databaseReadonly: DatabaseLogin & { pool: typeof READONLY_POOL };
  cache: Login & {
    keyPrefix: string;
    ttlSeconds: typeof CACHE_TTL_SECONDS;
    pool: typeof CACHE_POOL;
  };
  /** Absent where the service keeps no sessions. */
  session?: Login & { keyPrefix: string; pool: typeof CACHE_POOL };
  kafka: {
    bootstrapServers: string;
    securityProtocol: "SASL_PLAINTEXT" | "SASL_SSL";
    saslMechanism: typeof SCRAM_MECHANISM;
    username: string;
    password: string;
    /** A consumer group and a transactional id that are the service's. */
    groupId: string;
    /** Start of the names of further consumer groups; `<service>-` is another. */
    groupPrefix: string;
    /** Start of the names of transactional ids. */
    transactionalIdPrefix: string;
    /** As librdkafka calls it: by Java's client it is the default. */
    partitioner: typeof KAFKA_CLIENT.partitioner;
    /** Bytes of the largest message, headers included: Java's `max.request.size`, librdkafka's `message.max.bytes`. */
    maxMessageBytes: typeof KAFKA_CLIENT.maxMessageBytes;
  };
  schemaRegistry: { url: string; username: string; password: string };
  /** Authorities to trust on each of these connections, as PEM; absent where they are in clear. */
  trustedCertificates?: string;
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
