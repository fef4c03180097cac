import type * as pulumi from "@pulumi/pulumi";

import { MONITOR_CONNECTIONS, MONITOR_DATABASE, MONITOR_ROLE } from "../catalog/monitor";
import { sharedSqlName } from "../catalog/names";
import {
  BROKER_SERVERS,
  CACHE_NODES,
  POSTGRES_REPLICAS,
  type PostgresReplicaName,
  type ServerName,
  SERVERS,
} from "../catalog/servers";
import { type RedisInstanceName, SERVICES } from "../catalog/services";
import {
  ARCHIVE_VOLUME,
  BACKUP_CONNECTIONS,
  BACKUP_DATABASE,
  BACKUP_ROLE,
} from "../catalog/wal-archive";
import type { PlatformConfig } from "../config";
import {
  containersOf,
  type ExistingPostgres as ExistingPostgresSettings,
  type ExistingRedis as ExistingRedisSettings,
  type ExistingServers,
  REDIS_KEYS,
} from "../config-servers";
import { directAddress, readonlyAddress, redisAdministrator } from "./existing-servers";
import { ExistingKafka } from "./kafka/existing-kafka";
import type { KafkaCluster } from "./kafka/kafka-cluster";
import { RedpandaContainer } from "./kafka/redpanda-container";
import {
  containerName,
  type ContainerPlace,
  createVolume,
  type PlatformSettings,
} from "./platform/container";
import { PlatformCertificates } from "./platform/platform-certificates";
import { PlatformNetwork } from "./platform/platform-network";
import { ExistingPostgres } from "./postgres/existing-postgres";
import { PostgresContainer } from "./postgres/postgres-container";
import { PostgresReplica } from "./postgres/postgres-replica";
import { PostgresReplicator } from "./postgres/postgres-replicator";
import type { PostgresServer } from "./postgres/postgres-server";
import { allConnections, roleNames } from "./postgres/roles";
import { ExistingRedis } from "./redis/existing-redis";
import { RedisGroup } from "./redis/redis-group";
import type { RedisServer } from "./redis/redis-server";
import { createRedisContainers } from "./redis-containers";

/** Published ports are on the loopback address of the host, which certificates name as well. */
const HOST = "localhost";
const HOST_NAMES = [HOST, "127.0.0.1"];

/** Servers that have certificates, also where the stack does not run all of them. The console's page is not encrypted. */
const ENCRYPTED = ["postgres", "cache", "session", "redpanda"] as const satisfies ServerName[];
/** Nodes that only some stacks have, and that have certificates there. */
const FURTHER_NODES = [
  ...POSTGRES_REPLICAS,
  ...(["sessionReplica", "cache2", "cache3", "redpanda2", "redpanda3"] as const),
] satisfies ServerName[];
export type Encrypted = (typeof ENCRYPTED | typeof FURTHER_NODES)[number];

/** Of the servers that a stack runs, those that encrypt. */
export const encryptedOf = (run: readonly ServerName[]): Encrypted[] =>
  [...ENCRYPTED, ...FURTHER_NODES].filter((server) => run.includes(server));

/** The servers of one stack: each in a container, unless the configuration names one that exists. */
export interface PlatformServers {
  /** Undefined if the stack runs no container. */
  network?: PlatformNetwork;
  /** Undefined if connections to containers are not encrypted. */
  certificates?: PlatformCertificates<Encrypted>;
  postgres: PostgresServer & pulumi.Resource;
  postgresReplicas: Readonly<Partial<Record<PostgresReplicaName, PostgresReplica>>>;
  /** Where the read-only logins of services connect: replicas, or the server itself. One at least. */
  readers: readonly { host: string; port: number }[];
  /** What makes the replicas besides themselves, for the guard. */
  replicator?: PostgresReplicator;
  redis: Readonly<Record<RedisInstanceName, RedisServer & pulumi.Resource>>;
  /** The containers of Redis where several are one server. */
  redisNodes: readonly pulumi.Resource[];
  kafka: KafkaCluster & pulumi.Resource;
  /** Volume that PostgreSQL shares with the container of the archive; undefined without an archive. */
  archiveVolume?: ReturnType<typeof createVolume>;
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
  const isEncrypted = config.tls && encryptedOf(run).length > 0;
  const certificates = isEncrypted ? createCertificates(config, platform, run, child) : undefined;
  const archiveVolume = run.includes("walArchiver")
    ? createVolume(ARCHIVE_VOLUME, platform, SERVERS.walArchiver.role, child)
    : undefined;
  const createRedis = (instance: RedisInstanceName) => {
    const existing = config[REDIS_KEYS[instance]];
    return existing
      ? createExistingRedis(SERVERS[instance].role, existing, child)
      : createRedisContainers(instance, { config, place, certificates }, child);
  };
  const postgres = config.postgresServer
    ? { postgres: createExistingPostgres(config.postgresServer, child), postgresReplicas: {} }
    : createPostgres(place, config, network!, certificates, archiveVolume, child);
  const redis = { cache: createRedis("cache"), session: createRedis("session") };
  return {
    network,
    certificates,
    ...postgres,
    readers: readersOf(postgres, config),
    redis,
    redisNodes: Object.values(redis).flatMap((server) =>
      server instanceof RedisGroup ? server.members : [],
    ),
    kafka: config.kafkaCluster
      ? createExistingKafka(config.kafkaCluster, config, child)
      : createRedpanda(place, config, certificates, child),
    ...(archiveVolume === undefined ? {} : { archiveVolume }),
    place,
  };
}

function createRedpanda(
  place: PlatformServers["place"],
  config: PlatformConfig,
  certificates: PlatformCertificates<Encrypted> | undefined,
  child: pulumi.ComponentResourceOptions,
) {
  const ports = {
    redpanda: config.kafkaPort,
    redpanda2: config.kafka2Port,
    redpanda3: config.kafka3Port,
  };
  const [first, ...others] = BROKER_SERVERS.slice(0, config.brokers).map((server) => ({
    ...place(server),
    kafkaPort: ports[server],
    tls: certificates?.servers[server],
  }));
  return new RedpandaContainer(
    SERVERS.redpanda.role,
    {
      ...first,
      ports: { schemaRegistry: config.schemaRegistryPort, admin: config.redpandaAdminPort },
      others,
      existingRegistry: config.schemaRegistry,
    },
    child,
  );
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
) => new ExistingKafka(SERVERS.redpanda.role, { ...cluster, schemaRegistry }, child);

function createCertificates(
  config: PlatformConfig,
  platform: PlatformSettings,
  run: readonly ServerName[],
  child: pulumi.ComponentResourceOptions,
) {
  const servers = [...ENCRYPTED, ...FURTHER_NODES.filter((name) => run.includes(name))];
  const names = servers.map((server) => [server, containerName(platform, SERVERS[server].role)]);
  return new PlatformCertificates<Encrypted>(
    "certificates",
    {
      stack: config.stack,
      servers: Object.fromEntries(names) as Record<Encrypted, string>,
      hostNames: HOST_NAMES,
      // The nodes of a cluster connect to each other with their own certificates.
      clients: [
        ...(config.redisCacheCluster ? CACHE_NODES : []),
        ...(config.brokers > 1 ? BROKER_SERVERS : []),
      ],
      directory: config.tlsDirectory,
      days: config.tlsCertificateDays,
    },
    child,
  );
}

/** The server, and its replicas where the stack has any. */
function createPostgres(
  place: PlatformServers["place"],
  config: PlatformConfig,
  { hostAddresses }: PlatformNetwork,
  certificates: PlatformCertificates<Encrypted> | undefined,
  archiveVolume: ReturnType<typeof createVolume> | undefined,
  child: pulumi.ComponentResourceOptions,
): Pick<PlatformServers, "replicator" | "postgresReplicas"> & { postgres: PostgresContainer } {
  const { monitoring, walArchive } = config;
  const run = containersOf(config);
  const names = POSTGRES_REPLICAS.filter((name) => run.includes(name));
  const common = {
    roleConnections:
      allConnections() +
      (monitoring ? MONITOR_CONNECTIONS : 0) +
      (walArchive ? BACKUP_CONNECTIONS : 0),
    hostAddresses,
  };
  const logins = Object.values(SERVICES).map(({ database, rolePrefix }) => ({
    database: sharedSqlName(config.sharedPrefix, database),
    names: roleNames(sharedSqlName(config.sharedPrefix, rolePrefix)),
  }));
  const postgres = new PostgresContainer(
    SERVERS.postgres.role,
    {
      ...place("postgres"),
      ...common,
      port: config.postgresPort,
      major: config.postgresMajor,
      otherLogins: [
        ...(monitoring ? [{ database: MONITOR_DATABASE, roles: [MONITOR_ROLE] }] : []),
        ...(walArchive ? [{ database: BACKUP_DATABASE, roles: [BACKUP_ROLE] }] : []),
      ],
      archive:
        walArchive && archiveVolume
          ? { volumeName: archiveVolume.name, queueMb: walArchive.queueMb }
          : undefined,
      logins: logins.map(({ database, names: { migrator, app, readonly } }) => ({
        ...{ database, roles: [migrator, app, readonly] },
      })),
      replicates: names.length > 0,
      tls: certificates && {
        ...certificates.servers.postgres,
        trustedFile: certificates.trustedFile,
      },
    },
    child,
  );
  if (names.length === 0) {
    return { postgres, postgresReplicas: {} };
  }
  const replicator = new PostgresReplicator(`${SERVERS.postgres.role}-replicator`, postgres, child);
  const createReplica = (name: PostgresReplicaName) =>
    new PostgresReplica(
      SERVERS[name].role,
      {
        ...place(name),
        ...common,
        ...{ primary: postgres, replicator, port: config[`${name}Port`] },
        readers: logins.map(({ database, names: { readonly } }) => ({
          ...{ database, roles: [readonly] },
        })),
        tls: certificates?.servers[name],
      },
      child,
    );
  const replicas = Object.fromEntries(names.map((name) => [name, createReplica(name)]));
  return { postgres, replicator, postgresReplicas: replicas };
}

function readersOf(
  { postgres, postgresReplicas }: Pick<PlatformServers, "postgres" | "postgresReplicas">,
  { postgresServer }: PlatformConfig,
): PlatformServers["readers"] {
  const replicas = Object.values(postgresReplicas);
  const existing = postgresServer && readonlyAddress(postgresServer);
  return existing ? [existing] : replicas.length > 0 ? replicas : [postgres];
}
