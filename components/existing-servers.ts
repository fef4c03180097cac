/** Checks of the servers that exist already, before anything is made on any of them. */
import * as pulumi from "@pulumi/pulumi";

import { SERVICES } from "../catalog/services";
import { TOPICS } from "../catalog/topics";
import type { PlatformConfig } from "../config";
import { type ExistingServers, UNKNOWN_SECRET } from "../config-servers";
import { topicSettings } from "./kafka/event-topics";
import { checkKafka } from "./kafka/kafka-check";
import { checkRegistry } from "./kafka/registry-check";
import type { ServerFinding } from "./platform/server-finding";
import { checkPostgres } from "./postgres/postgres-check";
import { memberConnections } from "./postgres/postgres-settings";
import { allConnections } from "./postgres/roles";
import { nodeOf } from "./redis/existing-redis";
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
  for (const finding of findings) {
    await warn(sentence(finding));
  }
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
            connections: allConnections() + memberConnections(Object.keys(SERVICES).length),
          }),
        ]
      : []),
    ...redisChecks("redisServer", config.redisServer, true),
    ...redisChecks("redisSessionServer", config.redisSessionServer, false),
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
  ];
}

/** The services' logins to the schema registry that are known before anything is made, by their keys. */
function registryLogins({ kafkaCluster: kafka, schemaRegistry: registry }: PlatformConfig) {
  const [key, users] = registry?.users
    ? ["schemaRegistry.users", registry.users]
    : ["kafkaCluster.users", kafka?.users ?? {}];
  return Object.fromEntries(
    Object.entries(users)
      .filter(([user]) => user in SERVICES)
      .filter(([, { password }]) => password !== UNKNOWN_SECRET)
      .map(([user, login]) => [`${key}.${user}`, login]),
  );
}

/** With given users and no administrator, the first of them is asked. */
function redisChecks(
  key: "redisServer" | "redisSessionServer",
  server: ExistingServers["redisServer"],
  mayEvict: boolean,
): Promise<ServerFinding[]>[] {
  const given = Object.values(server?.users ?? {})[0];
  const { username, password } = server?.username === undefined ? (given ?? {}) : server;
  if (!isKnown(server) || username === undefined || password === undefined) {
    return [];
  }
  const login = { username, password, nodes: server.nodes.map(nodeOf), trusted: server.trusted };
  return password === UNKNOWN_SECRET
    ? []
    : [checkRedis({ key, ...login, mayEvict, createsUsers: server.users === undefined })];
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

const DEFAULT_PORT = 5432;
