import type * as pulumi from "@pulumi/pulumi";

import { type ServerName, SERVERS } from "../catalog/servers";
import { type RedisInstanceName, SERVICES } from "../catalog/services";
import type { PlatformConfig } from "../config";
import { RedpandaContainer } from "./kafka/redpanda-container";
import { containerName, type ContainerPlace, type PlatformSettings } from "./platform/container";
import { PlatformCertificates } from "./platform/platform-certificates";
import { PlatformNetwork } from "./platform/platform-network";
import { PostgresContainer } from "./postgres/postgres-container";
import { allConnections, roleNames } from "./postgres/roles";
import { RedisContainer } from "./redis/redis-container";

/** Published ports are on the loopback address of the host, which certificates name as well. */
const HOST = "localhost";
const HOST_NAMES = [HOST, "127.0.0.1"];

/** Servers that have certificates. The console's page is not encrypted. */
const ENCRYPTED = ["postgres", "cache", "session", "redpanda"] as const satisfies ServerName[];
type Encrypted = (typeof ENCRYPTED)[number];

/** The servers of one stack, each in a container. */
export interface PlatformServers {
  network: PlatformNetwork;
  /** Undefined if connections are not encrypted. */
  certificates?: PlatformCertificates<Encrypted>;
  postgres: PostgresContainer;
  redis: Readonly<Record<RedisInstanceName, RedisContainer>>;
  kafka: RedpandaContainer;
  /** What a further server in a container is given. */
  place(server: ServerName): ContainerPlace;
}

export function createServers(
  config: PlatformConfig,
  child: pulumi.ComponentResourceOptions,
): PlatformServers {
  const network = new PlatformNetwork("platform", config, child);
  const platform: PlatformSettings = {
    ...config,
    host: HOST,
    networkName: network.networkName,
    protection: config,
  };
  const place = (server: ServerName): ContainerPlace => {
    const { role, imageKey, memoryKey } = SERVERS[server];
    return { platform, role, image: config[imageKey], memoryMb: config[memoryKey] };
  };
  const certificates = config.tls ? createCertificates(config, platform, child) : undefined;
  const createRedis = (instance: RedisInstanceName, port: number) =>
    new RedisContainer(
      SERVERS[instance].role,
      { ...place(instance), instance, port, tls: certificates?.servers[instance] },
      child,
    );
  return {
    network,
    certificates,
    postgres: createPostgres(place("postgres"), config, network, certificates, child),
    redis: {
      cache: createRedis("cache", config.redisPort),
      session: createRedis("session", config.redisSessionPort),
    },
    kafka: new RedpandaContainer(
      SERVERS.redpanda.role,
      {
        ...place("redpanda"),
        ports: {
          kafka: config.kafkaPort,
          schemaRegistry: config.schemaRegistryPort,
          admin: config.redpandaAdminPort,
        },
        tls: certificates?.servers.redpanda,
      },
      child,
    ),
    place,
  };
}

function createCertificates(
  config: PlatformConfig,
  platform: PlatformSettings,
  child: pulumi.ComponentResourceOptions,
) {
  const names = ENCRYPTED.map((server) => [server, containerName(platform, SERVERS[server].role)]);
  return new PlatformCertificates(
    "certificates",
    {
      stack: config.stack,
      servers: Object.fromEntries(names) as Record<Encrypted, string>,
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
      roleConnections: allConnections(),
      logins: Object.values(SERVICES).map(({ database, rolePrefix }) => {
        const { migrator, app, readonly } = roleNames(rolePrefix);
        return { database, roles: [migrator, app, readonly] };
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
