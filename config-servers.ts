/** The servers of a stack's configuration that exist already: where they are, and who administers them. */
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";

import { kafkaUsers } from "./catalog/acls";
import { SYSTEM_AUTHORITIES } from "./catalog/client-settings";
import { type ServerName, SERVERS } from "./catalog/servers";
import {
  REDIS_INSTANCES,
  type RedisInstanceName,
  SERVICE_NAMES,
  servicesOn,
} from "./catalog/services";
import { type Settings, UNKNOWN_SECRET } from "./config-schema";

export { UNKNOWN_SECRET };

type Written<K extends keyof Settings> = NonNullable<Settings[K]>;

interface Reached {
  /** PEM of the authorities to trust, or `system`; absent if connections are not encrypted. */
  trusted?: string;
}

export type ExistingPostgres = Written<"postgresServer"> & Reached & { password: string };
export type ExistingKafka = Written<"kafkaCluster"> & Reached & { password: string };
/** With given users it may have no administrator. */
export type ExistingRedis = Written<"redisServer"> & Reached;
/** Without a login, that of the brokers' administrator registers schemas, where it may log in. */
export type ExistingRegistry = Written<"schemaRegistry">;

export interface ExistingServers {
  postgresServer?: ExistingPostgres;
  redisServer?: ExistingRedis;
  redisSessionServer?: ExistingRedis;
  kafkaCluster?: ExistingKafka;
  schemaRegistry?: ExistingRegistry;
}

/** Keys of the Redis servers. */
export const REDIS_KEYS = {
  cache: "redisServer",
  session: "redisSessionServer",
} as const satisfies Record<RedisInstanceName, keyof ExistingServers>;

/** Variables of the environment that may hold the administrators' passwords. */
export const PASSWORD_VARIABLES = {
  postgresServer: "LEARNING_PLATFORM_POSTGRES_PASSWORD",
  redisServer: "LEARNING_PLATFORM_REDIS_PASSWORD",
  redisSessionServer: "LEARNING_PLATFORM_REDIS_SESSION_PASSWORD",
  kafkaCluster: "LEARNING_PLATFORM_KAFKA_PASSWORD",
  schemaRegistry: "LEARNING_PLATFORM_SCHEMA_REGISTRY_PASSWORD",
} as const;

/** Of the configuration, what decides which servers run in containers. */
export type ContainerChoice = ExistingServers &
  Pick<
    Settings,
    | "console"
    | "monitoring"
    | "grafana"
    | "postgresReplicas"
    | "redisSessionReplica"
    | "redisCacheCluster"
    | "brokers"
  > & { walArchive?: object };

/** The servers that a stack with this configuration runs in containers. */
export function containersOf(config: ContainerChoice): ServerName[] {
  const runs = {
    postgres: config.postgresServer === undefined,
    cache: config[REDIS_KEYS.cache] === undefined,
    session: config[REDIS_KEYS.session] === undefined,
    redpanda: config.kafkaCluster === undefined,
  };
  // A server that exists is monitored by whoever runs it, with files that the stack writes (docs/monitoring.md).
  const monitors = config.monitoring && Object.values(runs).includes(true);
  const all: Readonly<Record<ServerName, boolean>> = {
    ...runs,
    console: config.console,
    prometheus: monitors,
    alertmanager: monitors,
    postgresExporter: monitors && runs.postgres,
    redisExporter: monitors && (runs.cache || runs.session),
    grafana: monitors && config.grafana,
    postgresReplica1: runs.postgres && config.postgresReplicas >= 1,
    postgresReplica2: runs.postgres && config.postgresReplicas >= 2,
    sessionReplica: runs.session && config.redisSessionReplica,
    cache2: runs.cache && config.redisCacheCluster,
    cache3: runs.cache && config.redisCacheCluster,
    redpanda2: runs.redpanda && config.brokers > 1,
    redpanda3: runs.redpanda && config.brokers > 1,
    walArchiver: runs.postgres && config.walArchive !== undefined,
  };
  return (Object.keys(SERVERS) as ServerName[]).filter((name) => all[name]);
}

interface Problem {
  /** Path of the value, without the namespace. */
  key: string;
  reason: string;
}

interface Sources {
  isSecret: (key: string) => boolean;
  environment: Readonly<Record<string, string | undefined>>;
}

/** Whether passwords are encrypted, and so not in the values that the cli reads. */
export const isUnknown = (server: {
  password?: string;
  users?: Record<string, { password: string }>;
}) =>
  [server, ...Object.values(server.users ?? {})].some(
    ({ password }) => password === UNKNOWN_SECRET,
  );

/** Completes the servers with passwords from the environment and with authorities, and lists all that is wrong. */
export function readExistingServers(
  settings: Partial<Settings>,
  { isSecret, environment }: Sources,
): { existing: ExistingServers; problems: Problem[] } {
  const problems: Problem[] = [];
  const note = (key: string, reason: string) => void problems.push({ key, reason });
  const existing: ExistingServers = {};

  /** Takes the password from the environment where the configuration has none. */
  const withPassword = <K extends keyof typeof PASSWORD_VARIABLES>(
    key: K,
    server: Written<K>,
    needsAdministrator: boolean,
  ) => {
    const password = server.password ?? environment[PASSWORD_VARIABLES[key]];
    if (needsAdministrator && server.username === undefined) {
      note(`${key}.username`, "is missing");
    }
    if (needsAdministrator && password === undefined) {
      note(
        `${key}.password`,
        `is missing. Set the variable ${PASSWORD_VARIABLES[key]}, or store it encrypted: docs/existing-servers.md`,
      );
    }
    const holdsSecret =
      server.password !== undefined || ("users" in server && server.users !== undefined);
    if (holdsSecret && !isUnknown(server) && !isSecret(key)) {
      note(
        server.password === undefined ? `${key}.users` : `${key}.password`,
        "must be encrypted: pulumi config set --secret --path stores it so (docs/existing-servers.md)",
      );
    }
    return { ...server, password };
  };

  const complete = (
    key: Exclude<keyof typeof PASSWORD_VARIABLES, "schemaRegistry">,
    needsAdministrator: boolean,
  ) => {
    const server = settings[key];
    if (server === undefined) {
      return undefined;
    }
    const trusted = trustedOf(key, server);
    return {
      ...withPassword(key, server, needsAdministrator),
      ...(trusted === undefined ? {} : { trusted }),
    };
  };

  const trustedOf = (
    key: string,
    { tls, caFile }: { tls: boolean; caFile?: string },
  ): string | undefined => {
    if (!tls) {
      if (caFile !== undefined) {
        note(`${key}.caFile`, "has no effect while tls is false");
      }
      return undefined;
    }
    if (caFile === undefined) {
      return SYSTEM_AUTHORITIES;
    }
    try {
      const pem = readFileSync(caFile, "utf8");
      new X509Certificate(pem);
      return pem;
    } catch (error) {
      note(`${key}.caFile`, `must be a file of certificates as PEM: ${(error as Error).message}`);
      return undefined;
    }
  };

  /** Refuses users that are missing, or that nobody asked for. */
  const compareUsers = (key: string, users: object | undefined, wanted: readonly string[]) => {
    if (users === undefined) {
      return;
    }
    const given = Object.keys(users);
    const missing = wanted.filter((name) => !given.includes(name));
    const unknown = given.filter((name) => !wanted.includes(name));
    if (missing.length > 0) {
      note(`${key}.users`, `has no login for ${missing.join(", ")}`);
    }
    if (unknown.length > 0) {
      note(`${key}.users`, `names ${unknown.join(", ")}; it may have ${wanted.join(", ")}`);
    }
  };

  existing.postgresServer = complete("postgresServer", true) as ExistingPostgres | undefined;
  existing.kafkaCluster = complete("kafkaCluster", true) as ExistingKafka | undefined;
  for (const instance of REDIS_INSTANCES) {
    const key = REDIS_KEYS[instance];
    const users = settings[key]?.users;
    existing[key] = complete(key, users === undefined) as ExistingRedis | undefined;
    compareUsers(key, users, servicesOn(instance));
  }
  if (settings.redisSessionReplica && settings.redisSessionServer) {
    note(
      "redisSessionReplica",
      "must be false: redisSessionServer names a server that exists; name its replicas in redisSessionServer.nodes",
    );
  }
  if (settings.redisCacheCluster && settings.redisServer) {
    note(
      "redisCacheCluster",
      "must be false: redisServer names a server that exists, and the stack makes no cluster of it",
    );
  }
  if (settings.postgresServer && settings.postgresReplicas) {
    note(
      "postgresReplicas",
      "must be 0: postgresServer exists already, and its own replicas go into postgresServer.readonlyHost",
    );
  }
  if (settings.postgresServer?.readonlyPort && !settings.postgresServer.readonlyHost) {
    note("postgresServer.readonlyPort", "has no effect without readonlyHost");
  }
  const { schemaRegistry } = settings;
  existing.schemaRegistry =
    schemaRegistry &&
    withPassword("schemaRegistry", schemaRegistry, schemaRegistry.username !== undefined);
  const wanted = kafkaUsers(settings.console ?? false);
  compareUsers("kafkaCluster", settings.kafkaCluster?.users, wanted);
  if (settings.kafkaCluster !== undefined && settings.brokers === 3) {
    note("brokers", "has no effect with kafkaCluster: that cluster has its own brokers");
  }
  if (settings.kafkaCluster?.saslMechanism === "PLAIN" && !settings.kafkaCluster.users) {
    note("kafkaCluster.users", "is missing: users who log in by PLAIN cannot be created");
  }
  if (settings.consoleSchemaRegistry && settings.schemaRegistry?.users) {
    note("consoleSchemaRegistry", "must be false: the console has no login to schemaRegistry");
  }
  compareUsers("schemaRegistry", settings.schemaRegistry?.users, SERVICE_NAMES);
  return { existing, problems };
}
