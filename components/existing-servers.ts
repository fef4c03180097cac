/** Checks of the servers that exist already, before anything is made on any of them. */
import * as pulumi from "@pulumi/pulumi";

import { sharedName } from "../catalog/names";
import {
  REDIS_INSTANCES,
  type RedisInstanceName,
  SERVICE_NAMES,
  SERVICES,
} from "../catalog/services";
import { TOPICS } from "../catalog/topics";
import type { PlatformConfig } from "../config";
import {
  type ExistingRedis,
  type ExistingServers,
  isUnknown,
  REDIS_KEYS,
  UNKNOWN_SECRET,
} from "../config-servers";
import { topicSettings } from "./kafka/event-topics";
import { checkKafka } from "./kafka/kafka-check";
import { checkRegistry } from "./kafka/registry-check";
import { parseAddress } from "./platform/address";
import type { HttpLogin } from "./platform/http-client";
import type { ServerFinding } from "./platform/server-finding";
import { checkPostgres } from "./postgres/postgres-check";
import { memberConnections } from "./postgres/postgres-settings";
import { allConnections } from "./postgres/roles";
import { checkRedis } from "./redis/redis-check";

/**
 * Asks every server that the configuration names.
 * @throws pulumi.RunError that names each key to change. In a preview, a server that is out of reach is a warning: the
 *   machine that shows a plan need not be one that may update.
 */
export async function refuseUnfitServers(
  config: PlatformConfig,
  warn: (message: string) => unknown = (message) => pulumi.log.warn(message),
): Promise<void> {
  const findings = (await Promise.all(checksOf(config))).flat();
  const refused = findings.filter(
    ({ kind }) => kind === "fault" || (kind === "out of reach" && !pulumi.runtime.isDryRun()),
  );
  if (refused.length > 0) {
    throw new pulumi.RunError(
      ["Servers that exist already do not fit:", ...refused.map(sentence)].join("\n  "),
    );
  }
  for (const warning of [...findings.map(sentence), ...unregistered(config)]) {
    await warn(warning);
  }
}

/** Why no schema of an event is registered, where somebody may expect it. */
function unregistered({ eventSchemas, kafkaCluster, schemaRegistry }: PlatformConfig): string[] {
  if (!eventSchemas) {
    return [];
  }
  const advice = "No event schema is registered; eventSchemas: false says that it is meant so.";
  if (kafkaCluster && !schemaRegistry) {
    return [`learning-platform:schemaRegistry names no registry. ${advice}`];
  }
  const isNobody = schemaRegistry && schemaRegistry.username === undefined;
  // A registry that exists knows no administrator that the stack is about to create.
  return isNobody && (schemaRegistry.users || !kafkaCluster)
    ? [`learning-platform:schemaRegistry.username names nobody who registers schemas. ${advice}`]
    : [];
}

const sentence = ({ key, reason }: ServerFinding) => `learning-platform:${key} ${reason}.`;

function checksOf(config: PlatformConfig): Promise<ServerFinding[]>[] {
  const { postgresServer: postgres, kafkaCluster: kafka, schemaRegistry: registry } = config;
  return [
    ...(isKnown(postgres)
      ? [
          checkPostgres({
            ...postgres,
            direct: directAddress(postgres),
            readonly: readonlyAddress(postgres),
            connections: allConnections() + memberConnections(Object.keys(SERVICES).length),
          }),
        ]
      : []),
    ...(isKnown(kafka)
      ? [
          checkKafka({
            ...kafka,
            createsUsers: kafka.users === undefined,
            prefix: config.sharedPrefix,
            topicSettings: topicSettings(Object.values(TOPICS)[0], kafka.fixedTopicSettings),
          }),
        ]
      : []),
    ...(registry
      ? [checkRegistry({ ...registry, logins: registryLogins(config), trusted: kafka?.trusted })]
      : []),
    ...REDIS_INSTANCES.flatMap((instance) => redisChecks(config, instance)),
  ];
}

function redisChecks(
  config: PlatformConfig,
  instance: RedisInstanceName,
): Promise<ServerFinding[]>[] {
  const key = REDIS_KEYS[instance];
  const server = config[key];
  if (server === undefined || isUnknown(server)) {
    return [];
  }
  const keyNames = Object.fromEntries(
    SERVICE_NAMES.map((service) => [service, sharedName(config.sharedPrefix, service)]),
  );
  const { trusted, users } = server;
  const nodes = server.nodes.map(parseAddress);
  const administrator = redisAdministrator(server);
  return [checkRedis({ key, instance, nodes, administrator, trusted, users, keyNames })];
}

/** The login that creates users; undefined where they are given, and nobody else is. */
export const redisAdministrator = ({ username, password }: ExistingRedis) =>
  username !== undefined && password !== undefined ? { username, password } : undefined;

/** Logins to the schema registry that are known before anything is made, by their keys. */
function registryLogins(config: PlatformConfig): Record<string, HttpLogin> {
  const { kafkaCluster: kafka, schemaRegistry: registry } = config;
  const [key, users] = registry?.users
    ? ["schemaRegistry.users", registry.users]
    : ["kafkaCluster.users", kafka?.users ?? {}];
  const services = Object.entries(users)
    .filter(([user]) => user in SERVICES)
    .map(([user, login]) => [`${key}.${user}`, login] as const);
  const logins = [...services, ...registrarLogins(config)];
  return Object.fromEntries(logins.filter(([, { password }]) => password !== UNKNOWN_SECRET));
}

/** Who registers schemas of events. The password of an administrator of a container is not known yet. */
function registrarLogins({
  eventSchemas,
  kafkaCluster,
  schemaRegistry,
}: PlatformConfig): [key: string, login: HttpLogin][] {
  const { username, password, users } = schemaRegistry ?? {};
  if (!eventSchemas) {
    return [];
  }
  if (username !== undefined && password !== undefined) {
    return [["schemaRegistry.password", { username, password }]];
  }
  return kafkaCluster && users === undefined ? [["schemaRegistry.username", kafkaCluster]] : [];
}

/** Whether there is such a server, and its password could be decrypted. */
const isKnown = <T extends { password?: string }>(server: T | undefined): server is T =>
  server !== undefined && server.password !== UNKNOWN_SECRET;

/** Where the administrator and migrations connect. */
export function directAddress({
  host,
  port,
  migrationHost,
  migrationPort,
}: NonNullable<ExistingServers["postgresServer"]>) {
  return migrationHost === undefined
    ? { host, port: migrationPort ?? port }
    : { host: migrationHost, port: migrationPort ?? DEFAULT_PORT };
}

/** Where services read, if the server has replicas. */
export const readonlyAddress = ({
  readonlyHost: host,
  readonlyPort = DEFAULT_PORT,
}: NonNullable<ExistingServers["postgresServer"]>) =>
  host === undefined ? undefined : { host, port: readonlyPort };

const DEFAULT_PORT = 5432;
