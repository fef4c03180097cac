import type * as pulumi from "@pulumi/pulumi";

import { MONITOR_CONNECTIONS, MONITOR_DATABASE, MONITOR_ROLE } from "../catalog/monitor";
import { sharedSqlName } from "../catalog/names";
import { type ServerName, SERVERS } from "../catalog/servers";
import { type RedisInstanceName, SERVICES } from "../catalog/services";
import type { PlatformConfig } from "../config";
import {
  containersOf,
  type ExistingPostgres as ExistingPostgresSettings,
  type ExistingRedis as ExistingRedisSettings,
  type ExistingServers,
  REDIS_KEYS,
} from "../config-servers";
import { directAddress, redisAdministrator } from "./existing-servers";
import { ExistingKafka } from "./kafka/existing-kafka";
import type { KafkaCluster } from "./kafka/kafka-cluster";
import { RedpandaContainer } from "./kafka/redpanda-container";
import { containerName, type ContainerPlace, type PlatformSettings } from "./platform/container";
import { PlatformCertificates } from "./platform/platform-certificates";
import { PlatformNetwork } from "./platform/platform-network";
import { ExistingPostgres } from "./postgres/existing-postgres";
import { PostgresContainer } from "./postgres/postgres-container";
import type { PostgresServer } from "./postgres/postgres-server";
import { allConnections, roleNames } from "./postgres/roles";
import { ExistingRedis } from "./redis/existing-redis";
import { RedisGroup } from "./redis/redis-group";
import type { RedisServer } from "./redis/redis-server";
import { createRedisContainers } from "./redis-containers";

/** Published ports are on the loopback address of the host, which certificates name as well. */
const HOST = "localhost";
const HOST_NAMES = [HOST, "127.0.0.1"];

/** Servers that have certificates. The console's page is not encrypted. */
export const ENCRYPTED = [
  "postgres",
  "cache",
  "session",
  "redpanda",
  "sessionReplica",
  "cache2",
  "cache3",
] as const satisfies ServerName[];
/** Nodes that only some stacks have. */
const FURTHER_NODES: readonly ServerName[] = ["sessionReplica", "cache2", "cache3"];
export type Encrypted = (typeof ENCRYPTED)[number];

/** The servers of one stack: each in a container, unless the configuration names one that exists. */
export interface PlatformServers {
  /** Undefined if the stack runs no container. */
  network?: PlatformNetwork;
  /** Undefined if connections to containers are not encrypted. */
  certificates?: PlatformCertificates<Encrypted>;
  postgres: PostgresServer & pulumi.Resource;
  redis: Readonly<Record<RedisInstanceName, RedisServer & pulumi.Resource>>;
  /** The containers of Redis where several are one server. */
  redisNodes: readonly pulumi.Resource[];
  kafka: KafkaCluster & pulumi.Resource;
  /** What a further server in a container is given. */
  place(server: ServerName): ContainerPlace;
}

export function createServers(
  config: PlatformConfig,
  child: pulumi.ComponentResourceOptions,
): PlatformServers {
  const run = containersOf(config);
  const network = run.length > 0 ? new PlatformNetwork("platform", config, child) : undefined;
  const platform: PlatformSettings = {
    ...config,
    host: HOST,
    networkName: network?.networkName ?? "",
    protection: config,
  };
  const place = (server: ServerName): ContainerPlace => {
    const { role, imageKey, memoryKey } = SERVERS[server];
    return { platform, role, image: config[imageKey], memoryMb: config[memoryKey] };
  };
  const isEncrypted = config.tls && ENCRYPTED.some((server) => run.includes(server));
  const certificates = isEncrypted ? createCertificates(config, platform, child) : undefined;
  const createRedis = (instance: RedisInstanceName) => {
    const existing = config[REDIS_KEYS[instance]];
    return existing
      ? createExistingRedis(SERVERS[instance].role, existing, child)
      : createRedisContainers(instance, { config, place, certificates }, child);
  };
  const redis = { cache: createRedis("cache"), session: createRedis("session") };
  return {
    network,
    certificates,
    postgres: config.postgresServer
      ? createExistingPostgres(config.postgresServer, child)
      : createPostgres(place("postgres"), config, network!, certificates, child),
    redis,
    redisNodes: Object.values(redis).flatMap((server) =>
      server instanceof RedisGroup ? server.members : [],
    ),
    kafka: config.kafkaCluster
      ? createExistingKafka(config.kafkaCluster, config, child)
      : new RedpandaContainer(
          SERVERS.redpanda.role,
          {
            ...place("redpanda"),
            ports: {
              kafka: config.kafkaPort,
              schemaRegistry: config.schemaRegistryPort,
              admin: config.redpandaAdminPort,
            },
            tls: certificates?.servers.redpanda,
            existingRegistryUrl: config.schemaRegistry?.url,
          },
          child,
        ),
    place,
  };
}

function createExistingPostgres(
  server: ExistingPostgresSettings,
  child: pulumi.ComponentResourceOptions,
) {
  return new ExistingPostgres(
    SERVERS.postgres.role,
    {
      ...server,
      direct: directAddress(server),
      databases: Object.keys(SERVICES).length,
    },
    child,
  );
}

const createExistingRedis = (
  name: string,
  server: ExistingRedisSettings,
  child: pulumi.ComponentResourceOptions,
) => new ExistingRedis(name, { ...server, administrator: redisAdministrator(server) }, child);

const createExistingKafka = (
  cluster: NonNullable<ExistingServers["kafkaCluster"]>,
  { schemaRegistry }: PlatformConfig,
  child: pulumi.ComponentResourceOptions,
) =>
  new ExistingKafka(
    SERVERS.redpanda.role,
    { ...cluster, schemaRegistryUrl: schemaRegistry?.url },
    child,
  );

function createCertificates(
  config: PlatformConfig,
  platform: PlatformSettings,
  child: pulumi.ComponentResourceOptions,
) {
  const run = containersOf(config);
  const names = ENCRYPTED.filter(
    (server) => run.includes(server) || !FURTHER_NODES.includes(server),
  ).map((server) => [server, containerName(platform, SERVERS[server].role)]);
  return new PlatformCertificates<Encrypted>(
    "certificates",
    {
      stack: config.stack,
      servers: Object.fromEntries(names) as Record<Encrypted, string>,
      // The nodes of a cluster connect to each other with their own certificates.
      clients: config.redisCacheCluster ? ["cache", "cache2", "cache3"] : [],
      hostNames: HOST_NAMES,
      directory: config.tlsDirectory,
      days: config.tlsCertificateDays,
    },
    child,
  );
}

function createPostgres(
  place: ContainerPlace,
  config: PlatformConfig,
  network: PlatformNetwork,
  certificates: PlatformCertificates<Encrypted> | undefined,
  child: pulumi.ComponentResourceOptions,
) {
  return new PostgresContainer(
    SERVERS.postgres.role,
    {
      ...place,
      port: config.postgresPort,
      roleConnections: allConnections() + (config.monitoring ? MONITOR_CONNECTIONS : 0),
      otherLogins: config.monitoring ? [{ database: MONITOR_DATABASE, roles: [MONITOR_ROLE] }] : [],
      logins: Object.values(SERVICES).map(({ database, rolePrefix }) => {
        const { sharedPrefix } = config;
        const { migrator, app, readonly } = roleNames(sharedSqlName(sharedPrefix, rolePrefix));
        return {
          database: sharedSqlName(sharedPrefix, database),
          roles: [migrator, app, readonly],
        };
      }),
      hostAddresses: network.hostAddresses,
      tls: certificates && {
        ...certificates.servers.postgres,
        trustedFile: certificates.trustedFile,
      },
    },
    child,
  );
}
