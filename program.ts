import { createHash } from "node:crypto";

import * as pulumi from "@pulumi/pulumi";

import type { EndpointName } from "./catalog/servers";
import { DataPlatform } from "./components/data-platform";
import { refuseUnfitServers } from "./components/existing-servers";
import type { KafkaCluster } from "./components/kafka/kafka-cluster";
import { parseAddress } from "./components/platform/address";
import type { Server } from "./components/platform/server";
import type { RedisServer } from "./components/redis/redis-server";
import { loadConfig, type PlatformConfig } from "./config";
import type { AccessPoint, Outputs } from "./contract/outputs";
import { enforcePolicy } from "./policy/enforce";
import type { PolicyFacts } from "./policy/rule";

/** The same, with what is known only after an update as outputs of Pulumi. */
type Promised<T> = { [K in keyof T]: pulumi.Input<T[K]> | Promised<T[K]> };

/**
 * The Pulumi program: declares the platform of the current stack.
 * @param warn takes what a person should know of servers that exist already; by default the engine does
 * @returns the stack's outputs
 * @throws pulumi.RunError with every invalid key of the configuration, or with what is wrong with servers that exist
 *   already, before anything is made; PolicyError where the policy forbids a setting
 */
export async function declarePlatform(warn?: (message: string) => void) {
  const config = loadConfig();
  await refuseUnfitServers(config, warn);
  enforcePolicy(policyFacts(config));
  const platform = new DataPlatform("learning-platform", config);
  const { postgres, redis, kafka, console: ui, services, trustedCertificates, operator } = platform;
  const { redisAccessStrings, monitoring, postgresReplicas } = platform;
  return {
    /** Where everything answers, without a secret. */
    accessPoints: {
      postgres: accessPoint(postgres, hostAndPort(postgres), internalAddress(postgres)),
      redis: accessPoint(redis.cache, hostAndPort(redis.cache), internalAddress(redis.cache)),
      redisSession: accessPoint(
        redis.session,
        hostAndPort(redis.session),
        internalAddress(redis.session),
      ),
      ...furtherNodes(redis.session, ["redisSessionReplica"]),
      ...furtherNodes(redis.cache, ["redis2", "redis3"]),
      kafka: accessPoint(kafka, kafka.bootstrapServers, kafka.internalBootstrapServers),
      ...furtherBrokers(kafka),
      ...(kafka.schemaRegistry === undefined
        ? {}
        : {
            schemaRegistry: accessPoint(
              kafka,
              kafka.schemaRegistry.url,
              kafka.schemaRegistry.internalUrl,
            ),
          }),
      ...(kafka.adminUrl === undefined
        ? {}
        : { redpandaAdmin: accessPoint(kafka, kafka.adminUrl) }),
      ...(ui === undefined ? {} : { console: accessPoint(ui, ui.url) }),
      ...(monitoring === undefined
        ? {}
        : { prometheus: accessPoint(monitoring.prometheus, monitoring.prometheus.url) }),
      ...(monitoring?.grafana === undefined
        ? {}
        : { grafana: accessPoint(monitoring.grafana, monitoring.grafana.url) }),
      ...mapValues(postgresReplicas, (replica) =>
        accessPoint(replica, hostAndPort(replica), internalAddress(replica)),
      ),
    },

    /** What each service connects with; secret. */
    services,

    /**
     * Changes whenever a service has to read its settings again. It is not secret, so that previews and services
     * can see it: the SHA-256 of settings that hold random passwords reveals nothing of them.
     */
    servicesRevision: pulumi.unsecret(
      pulumi
        .all(services)
        .apply((settings) => createHash("sha256").update(JSON.stringify(settings)).digest("hex")),
    ),

    /**
     * Authorities that clients are to trust, as PEM. Left out if connections are not encrypted: the SDK
     * warns of each output that is undefined.
     */
    ...(trustedCertificates === undefined ? {} : { trustedCertificates }),

    /** The rights that users of Redis must have which the stack does not make; no secret. */
    ...(Object.keys(redisAccessStrings).length === 0 ? {} : { redisAccessStrings }),

    /** Logins of the administrators; secret. */
    administrators: pulumi.secret({
      postgres: postgres.administrator,
      ...(redis.cache.administrator === undefined ? {} : { redis: redis.cache.administrator }),
      ...(redis.session.administrator === undefined
        ? {}
        : { redisSession: redis.session.administrator }),
      kafka: kafka.administrator,
      /** The operators' principal, which watches the dead letters. It is neither an administrator nor a service. */
      kafkaOperator: { username: operator.username, password: operator.password },
    }),
  } satisfies Promised<Outputs>;
}

const policyFacts = (config: PlatformConfig): PolicyFacts => ({
  ...config,
  brokers: config.kafkaCluster?.replicationFactor ?? config.brokers,
  prefix: config.sharedPrefix,
  givenUsers: Object.fromEntries(
    Object.entries(config.kafkaCluster?.users ?? {}).map(([user, { username, principal }]) => [
      principal ?? username,
      user,
    ]),
  ),
  brokerAdministrator: config.kafkaCluster?.username,
});

/** The brokers after the first one, of a stack that runs several. Clients need only the list in `kafka`. */
const furtherBrokers = (kafka: KafkaCluster): Record<string, AccessPoint> => {
  const [addresses, internal] = [kafka.bootstrapServers, kafka.internalBootstrapServers].map(
    (list) => list.split(","),
  );
  return Object.fromEntries(
    (kafka.brokerNames ?? [])
      .map((container, index): [string, AccessPoint] => [
        `kafka${index + 1}`,
        { container, address: addresses[index], internalAddress: internal[index] },
      ])
      .slice(1),
  );
};

const accessPoint = (
  { containerName: container }: Pick<Server, "containerName">,
  address: string,
  internal?: string,
): AccessPoint => ({
  ...(container === undefined ? {} : { container }),
  address,
  ...(internal === undefined ? {} : { internalAddress: internal }),
});

/** The nodes after the first one that the stack runs, each by its name. */
const furtherNodes = ({ nodes }: RedisServer, names: readonly EndpointName[]) =>
  Object.fromEntries(
    nodes
      .slice(1)
      .flatMap((node, index) =>
        node.internalAddress === undefined
          ? []
          : [
              [
                names[index],
                accessPoint(
                  { containerName: parseAddress(node.internalAddress).host },
                  hostAndPort(node),
                  node.internalAddress,
                ),
              ],
            ],
      ),
  ) as Partial<Record<EndpointName, AccessPoint>>;

const mapValues = <K extends string, T, R>(
  values: Partial<Record<K, T>>,
  map: (value: T) => R,
): Partial<Record<K, R>> =>
  Object.fromEntries(
    Object.entries<T>(values as Record<K, T>).map(([key, value]) => [key, map(value)]),
  ) as Partial<Record<K, R>>;

interface Endpoint {
  host: string;
  port: number;
}

const hostAndPort = ({ host, port }: Endpoint) => `${host}:${port}`;

/** A server in a container has another port on the platform's network than on the host. */
const internalAddress = ({
  host,
  port,
  containerName = host,
  internalPort = port,
}: Endpoint & Pick<Server, "containerName" | "internalPort">) =>
  hostAndPort({ host: containerName, port: internalPort });
