/**
 * The servers that a stack runs in containers, one row each. Configuration, components, outputs and the cli read
 * these rows: a further server is a row here and a component.
 */

/** What an image is for, as offline/build-images.sh calls the stand-in that it builds. */
export type ImageKind =
  | "postgres"
  | "redis"
  | "redpanda"
  | "console"
  | "prometheus"
  | "alertmanager"
  | "postgres-exporter"
  | "redis-exporter"
  | "grafana"
  | "barman";

/** Images that cannot be built from package registries: the key of the configuration that leaves each out. */
export const NOT_BUILT: Readonly<Partial<Record<ImageKind, string>>> = { grafana: "grafana" };

interface ServerRow {
  /** Name of its resources, and end of its container's name after the stack's prefix. */
  role: string;
  /** Its name in messages. */
  title: string;
  imageKind: ImageKind;
  /** Key of the configuration that names its image. Servers may share one. */
  imageKey: `${string}Image`;
  /** Key of the configuration that holds its memory limit, and the least that this limit may be, in MiB. */
  memoryKey: `${string}MemoryMb`;
  leastMemoryMb: number;
  /** Whether all its data is a copy of another server's: losing it loses nothing, and the server makes it again. */
  holdsCopy?: boolean;
  /** What it publishes on the host, by the name that the stack's output `accessPoints` has for it. */
  endpoints: Readonly<
    Record<
      string,
      {
        /** Its name in the table that `up` ends with. */
        title: string;
        /** Key of the configuration that holds the port of the host. */
        portKey: `${string}Port`;
      }
    >
  >;
}

/** Append new rows and endpoints: the position of an endpoint decides which port a stack derives for it. */
export const SERVERS = {
  postgres: {
    role: "postgres",
    title: "PostgreSQL",
    imageKind: "postgres",
    imageKey: "postgresImage",
    memoryKey: "postgresMemoryMb",
    leastMemoryMb: 256,
    endpoints: { postgres: { title: "PostgreSQL", portKey: "postgresPort" } },
  },
  cache: {
    role: "redis",
    title: "Redis (cache)",
    imageKind: "redis",
    imageKey: "redisImage",
    memoryKey: "redisMemoryMb",
    leastMemoryMb: 32,
    endpoints: { redis: { title: "Redis, cache", portKey: "redisPort" } },
  },
  session: {
    role: "redis-session",
    title: "Redis (sessions)",
    imageKind: "redis",
    imageKey: "redisImage",
    memoryKey: "redisMemoryMb",
    leastMemoryMb: 32,
    endpoints: { redisSession: { title: "Redis, sessions", portKey: "redisSessionPort" } },
  },
  redpanda: {
    role: "redpanda",
    title: "Redpanda",
    imageKind: "redpanda",
    imageKey: "redpandaImage",
    memoryKey: "redpandaMemoryMb",
    leastMemoryMb: 1_024,
    endpoints: {
      kafka: { title: "Kafka API", portKey: "kafkaPort" },
      schemaRegistry: { title: "Schema registry", portKey: "schemaRegistryPort" },
      redpandaAdmin: { title: "Redpanda admin API", portKey: "redpandaAdminPort" },
    },
  },
  console: {
    role: "redpanda-console",
    title: "Redpanda Console",
    imageKind: "console",
    imageKey: "consoleImage",
    memoryKey: "consoleMemoryMb",
    leastMemoryMb: 64,
    endpoints: { console: { title: "Redpanda Console", portKey: "consolePort" } },
  },
  prometheus: {
    role: "prometheus",
    title: "Prometheus",
    imageKind: "prometheus",
    imageKey: "prometheusImage",
    memoryKey: "prometheusMemoryMb",
    leastMemoryMb: 64,
    endpoints: { prometheus: { title: "Prometheus", portKey: "prometheusPort" } },
  },
  alertmanager: {
    role: "alertmanager",
    title: "Alertmanager",
    imageKind: "alertmanager",
    imageKey: "alertmanagerImage",
    memoryKey: "alertmanagerMemoryMb",
    leastMemoryMb: 32,
    endpoints: {},
  },
  postgresExporter: {
    role: "postgres-exporter",
    title: "Exporter of PostgreSQL",
    imageKind: "postgres-exporter",
    imageKey: "postgresExporterImage",
    memoryKey: "exporterMemoryMb",
    leastMemoryMb: 32,
    endpoints: {},
  },
  redisExporter: {
    role: "redis-exporter",
    title: "Exporter of Redis",
    imageKind: "redis-exporter",
    imageKey: "redisExporterImage",
    memoryKey: "exporterMemoryMb",
    leastMemoryMb: 32,
    endpoints: {},
  },
  grafana: {
    role: "grafana",
    title: "Grafana",
    imageKind: "grafana",
    imageKey: "grafanaImage",
    memoryKey: "grafanaMemoryMb",
    leastMemoryMb: 128,
    endpoints: { grafana: { title: "Grafana", portKey: "grafanaPort" } },
  },
  postgresReplica1: {
    role: "postgres-replica-1",
    title: "PostgreSQL (replica 1)",
    imageKind: "postgres",
    imageKey: "postgresImage",
    memoryKey: "postgresMemoryMb",
    leastMemoryMb: 256,
    holdsCopy: true,
    endpoints: {
      postgresReplica1: { title: "PostgreSQL, replica 1", portKey: "postgresReplica1Port" },
    },
  },
  postgresReplica2: {
    role: "postgres-replica-2",
    title: "PostgreSQL (replica 2)",
    imageKind: "postgres",
    imageKey: "postgresImage",
    memoryKey: "postgresMemoryMb",
    leastMemoryMb: 256,
    holdsCopy: true,
    endpoints: {
      postgresReplica2: { title: "PostgreSQL, replica 2", portKey: "postgresReplica2Port" },
    },
  },
  sessionReplica: {
    role: "redis-session-replica",
    title: "Redis (replica of the sessions)",
    imageKind: "redis",
    imageKey: "redisImage",
    memoryKey: "redisMemoryMb",
    leastMemoryMb: 32,
    endpoints: {
      redisSessionReplica: {
        title: "Redis, sessions, second node",
        portKey: "redisSessionReplicaPort",
      },
    },
  },
  cache2: {
    role: "redis-2",
    title: "Redis (cache, node 2)",
    imageKind: "redis",
    imageKey: "redisImage",
    memoryKey: "redisMemoryMb",
    leastMemoryMb: 32,
    endpoints: { redis2: { title: "Redis, cache, node 2", portKey: "redis2Port" } },
  },
  cache3: {
    role: "redis-3",
    title: "Redis (cache, node 3)",
    imageKind: "redis",
    imageKey: "redisImage",
    memoryKey: "redisMemoryMb",
    leastMemoryMb: 32,
    endpoints: { redis3: { title: "Redis, cache, node 3", portKey: "redis3Port" } },
  },
  redpanda2: {
    role: "redpanda-2",
    title: "Redpanda, second broker",
    imageKind: "redpanda",
    imageKey: "redpandaImage",
    memoryKey: "redpandaMemoryMb",
    leastMemoryMb: 1_024,
    endpoints: { kafka2: { title: "Kafka API, second", portKey: "kafka2Port" } },
  },
  redpanda3: {
    role: "redpanda-3",
    title: "Redpanda, third broker",
    imageKind: "redpanda",
    imageKey: "redpandaImage",
    memoryKey: "redpandaMemoryMb",
    leastMemoryMb: 1_024,
    endpoints: { kafka3: { title: "Kafka API, third", portKey: "kafka3Port" } },
  },
  walArchiver: {
    role: "wal-archiver",
    title: "Archive of PostgreSQL's WAL",
    imageKind: "barman",
    imageKey: "walArchiverImage",
    memoryKey: "walArchiverMemoryMb",
    leastMemoryMb: 192,
    endpoints: {},
  },
} as const satisfies Readonly<Record<string, ServerRow>>;

export type ServerName = keyof typeof SERVERS;

/** The replicas of PostgreSQL: a stack with one runs the first. */
export const POSTGRES_REPLICAS = [
  "postgresReplica1",
  "postgresReplica2",
] as const satisfies readonly ServerName[];
export type PostgresReplicaName = (typeof POSTGRES_REPLICAS)[number];

/** The nodes of the sessions of a stack with a replica of them: the first one is the primary at first. */
export const SESSION_NODES = ["session", "sessionReplica"] as const satisfies ServerName[];

/** The nodes of a cache that is a cluster. */
export const CACHE_NODES = ["cache", "cache2", "cache3"] as const satisfies ServerName[];

/** The brokers of a stack that has several, in the order of their list. */
export const BROKER_SERVERS = [
  "redpanda",
  "redpanda2",
  "redpanda3",
] as const satisfies ServerName[];

type Row = (typeof SERVERS)[ServerName];
/** The members of each endpoint of each row, whichever row it is. */
type EndpointsOf<R> = R extends { endpoints: infer E } ? E : never;
type NamesOf<E> = E extends unknown ? keyof E : never;
type PortKeysOf<E> = E extends unknown ? (E[keyof E] & { portKey: string })["portKey"] : never;

/** Names of the access points. */
export type EndpointName = NamesOf<EndpointsOf<Row>>;
export type PortKey = PortKeysOf<EndpointsOf<Row>>;
export type ImageKey = Row["imageKey"];
export type MemoryKey = Row["memoryKey"];

const ROWS: readonly ServerRow[] = Object.values(SERVERS);

const ENDPOINTS = ROWS.flatMap(({ endpoints }) => Object.entries(endpoints));

/** Ports of the host that a stack has, from `firstPort` on. It publishes one a key, and never the last one (cli/stack/port-block.ts). */
export const PORTS_PER_BLOCK = 20;

/** Keys of the ports, in the order of the rows. */
export const PORT_KEYS = ENDPOINTS.map(([, { portKey }]) => portKey as PortKey);

/** Keys of the ports that one server publishes. */
export const portKeysOf = (server: ServerName): PortKey[] =>
  Object.values((SERVERS[server] as ServerRow).endpoints).map(({ portKey }) => portKey as PortKey);

/** Keys of the images, each once. */
export const IMAGE_KEYS = [...new Set(ROWS.map(({ imageKey }) => imageKey as ImageKey))];

/** Keys of the memory limits, each once. */
export const MEMORY_KEYS = [...new Set(ROWS.map(({ memoryKey }) => memoryKey as MemoryKey))];

/** The least memory limit in MiB by its key. */
export const LEAST_MEMORY_MB = Object.fromEntries(
  ROWS.map(({ memoryKey, leastMemoryMb }) => [memoryKey, leastMemoryMb]),
) as Readonly<Record<MemoryKey, number>>;

/** Titles of the access points by their names. */
export const ENDPOINT_TITLES: Readonly<Record<string, string>> = Object.fromEntries(
  ENDPOINTS.map(([name, { title }]) => [name, title]),
);

/** Titles of the servers by their roles. */
export const SERVER_TITLES: Readonly<Record<string, string>> = Object.fromEntries(
  ROWS.map(({ role, title }) => [role, title]),
);

/** End of the name of the volume of the server with a role, after the stack's prefix. */
export const volumeEnd = (role: string): string => `-${role}-data`;

/** Whether a volume of this name only holds a copy, which its server makes again. */
export const isCopy = (volume: string): boolean =>
  ROWS.some(({ role, holdsCopy }) => holdsCopy && volume.endsWith(volumeEnd(role)));

/** What a server's image is for, by the server's role. */
export const IMAGE_KINDS: Readonly<Record<string, ImageKind>> = Object.fromEntries(
  ROWS.map(({ role, imageKind }) => [role, imageKind]),
);
