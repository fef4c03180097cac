import * as pulumi from "@pulumi/pulumi";

import {
  CACHE_POOL,
  CACHE_TTL_SECONDS,
  DATABASE_POOL,
  KAFKA_CLIENT,
  PREPARE_THRESHOLD,
  READONLY_POOL,
  SYSTEM_AUTHORITIES,
} from "../catalog/client-settings";
import { sharedName } from "../catalog/names";
import type { RedisInstanceName, ServiceName } from "../catalog/services";
import { merge } from "../certificates/pem";
import type { DatabaseLogin, Login, RedisLogin, ServiceConnections } from "../contract/connections";
import type { GivenUser, KafkaCluster } from "./kafka/kafka-cluster";
import type { PostgresServer } from "./postgres/postgres-server";
import type { ServiceDatabase } from "./postgres/service-database";
import type { RedisAccount } from "./redis/redis-accounts";
import type { RedisServer } from "./redis/redis-server";

interface Endpoint {
  host: string;
  port: number;
}

export interface ServiceConnectionsArgs {
  service: ServiceName;
  postgres: PostgresServer;
  /** Where the service's read-only login connects. @default postgres */
  reader?: Endpoint;
  database: Pick<ServiceDatabase, "databaseName" | "roles" | "passwords">;
  redis: Readonly<Record<RedisInstanceName, RedisServer>>;
  /** The service's login to each Redis server that it uses. */
  redisAccounts: Partial<Record<RedisInstanceName, RedisAccount>>;
  kafka: KafkaCluster;
  kafkaUser: GivenUser;
  /** The service's login to the schema registry; by default that of Kafka. */
  registryLogin?: RegistryLogin;
  /** Start of the names on servers (catalog/names.ts). @default "" */
  prefix?: string;
}

interface RegistryLogin {
  username: string;
  /** Secret. */
  password: pulumi.Output<string>;
}

/**
 * Gathers a service's connection settings in one secret output. Their order counts: `servicesRevision` is a hash of
 * their JSON, and another order would tell every service to read its settings again.
 */
export function serviceConnections(
  args: ServiceConnectionsArgs,
): pulumi.Output<ServiceConnections> {
  const { service, postgres, database, redis, redisAccounts, kafka, kafkaUser } = args;
  const { registryLogin = kafkaUser, prefix = "", reader = postgres } = args;
  const readonlyServer = { trusted: postgres.trusted, host: reader.host, port: reader.port };
  const trusted = pulumi
    .all([postgres.trusted, redis.cache.trusted, redis.session.trusted, kafka.trusted])
    .apply(mergeAll);
  const passwords = [
    database.passwords.app,
    database.passwords.readonly,
    redisAccounts.cache?.password,
    redisAccounts.session?.password,
    kafkaUser.password,
    registryLogin.password,
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
          registryPassword,
          trustedCertificates,
        ]): ServiceConnections => ({
          database: {
            ...databaseLogin(postgres, database.roles.app, app, database.databaseName),
            pool: DATABASE_POOL,
          },
          databaseReadonly: {
            ...databaseLogin(
              readonlyServer,
              database.roles.readonly,
              readonly,
              database.databaseName,
            ),
            pool: READONLY_POOL,
          },
          cache: redisLogin(redis.cache, redisAccounts.cache!, cache ?? "", {
            ttlSeconds: CACHE_TTL_SECONDS,
            ...clusterNodes(redis.cache),
          }),
          ...(session === undefined
            ? {}
            : {
                session: redisLogin(
                  redis.session,
                  redisAccounts.session!,
                  session,
                  replicatedNodes(redis.session),
                ),
              }),
          kafka: {
            ...kafkaLogin(kafka, kafkaUser.username, kafkaPassword),
            ...kafkaNames(prefix, service),
            ...KAFKA_CLIENT,
          },
          ...(kafka.schemaRegistry === undefined
            ? {}
            : {
                schemaRegistry: {
                  url: kafka.schemaRegistry.url,
                  username: registryLogin.username,
                  password: registryPassword,
                },
              }),
          ...(trustedCertificates === undefined ? {} : { trustedCertificates }),
        }),
      ),
  );
}

/** The authorities of several servers in one bundle, each once; undefined if no server has any. */
const mergeAll = (bundles: (string | undefined)[]): string | undefined =>
  bundles
    .filter((bundle): bundle is string => bundle !== undefined && bundle !== SYSTEM_AUTHORITIES)
    .reduce<string | undefined>(
      (all, bundle) => (all === undefined ? bundle : merge(all, bundle)),
      undefined,
    );

function databaseLogin(
  server: Endpoint & Pick<PostgresServer, "trusted">,
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
  { username, keyPrefix }: RedisAccount,
  password: string,
  more: T,
): RedisLogin & T => ({
  ...login(server.trusted === undefined ? "redis" : "rediss", server, username, password),
  keyPrefix,
  ...more,
  pool: CACHE_POOL,
});

/** Nothing where keys are not spread over several nodes that the stack runs. */
const clusterNodes = ({ isCluster, nodes }: RedisServer) =>
  isCluster === true
    ? { cluster: { nodes: nodes.map(hostAndPort).join(","), announcedNodes: internal(nodes) } }
    : {};

/** Nothing where there is one server, or where the servers exist: their addresses are their owner's matter. */
const replicatedNodes = ({ nodes, containerName }: RedisServer) =>
  containerName !== undefined && nodes.length > 1
    ? { nodes: nodes.map(hostAndPort).join(",") }
    : {};

const hostAndPort = ({ host, port }: Endpoint) => `${host}:${port}`;

const internal = (nodes: RedisServer["nodes"]) =>
  nodes.map(({ internalAddress }) => internalAddress).join(",");

const kafkaLogin = (
  { bootstrapServers, trusted, capabilities }: KafkaCluster,
  username: string,
  password: string,
) => ({
  bootstrapServers,
  securityProtocol: trusted === undefined ? ("SASL_PLAINTEXT" as const) : ("SASL_SSL" as const),
  saslMechanism: capabilities.saslMechanism,
  username,
  password,
});

function kafkaNames(prefix: string, service: string) {
  const own = sharedName(prefix, service);
  return {
    groupId: own,
    groupPrefix: `${own}.`,
    topicPrefix: sharedName(prefix, ""),
    transactionalIdPrefix: `${own}-`,
  };
}

function login(
  scheme: string,
  { host, port }: Endpoint,
  username: string,
  password: string,
  path?: string,
): Login {
  // Given logins may hold any character.
  const [user, secret] = [username, password].map(encodeURIComponent);
  const url = `${scheme}://${user}:${secret}@${host}:${port}${path ? `/${path}` : ""}`;
  return { host, port, username, password, url };
}
