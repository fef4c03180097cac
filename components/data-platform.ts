import * as pulumi from "@pulumi/pulumi";

import { CONSOLE_USER } from "../catalog/acls";
import { SERVERS } from "../catalog/servers";
import {
  type RedisInstanceName,
  SERVICE_NAMES,
  type ServiceName,
  SERVICES,
} from "../catalog/services";
import { OPERATOR, topicsWith } from "../catalog/topics";
import type { PlatformConfig } from "../config";
import type { ServiceConnections } from "../contract/connections";
import { serviceConnections } from "./connections";
import { DestroyGuard } from "./destroy-guard";
import { EventTopics } from "./kafka/event-topics";
import type { KafkaCluster } from "./kafka/kafka-cluster";
import { RedpandaConsole } from "./kafka/redpanda-console";
import { createServers, type PlatformServers } from "./platform-servers";
import type { PostgresServer } from "./postgres/postgres-server";
import { ServiceDatabase } from "./postgres/service-database";
import { RedisAccounts } from "./redis/redis-accounts";
import type { RedisServer } from "./redis/redis-server";

/** The whole platform of one stack: its servers, what lives on them, and what each service connects with. */
export class DataPlatform extends pulumi.ComponentResource {
  public readonly postgres: PostgresServer;
  public readonly redis: Readonly<Record<RedisInstanceName, RedisServer>>;
  public readonly kafka: KafkaCluster;
  public readonly console: RedpandaConsole;
  /** Password of the operators' principal on the broker; secret. */
  public readonly operatorPassword: pulumi.Output<string>;
  /** PEM of the authorities that clients are to trust; undefined if connections are not encrypted. */
  public readonly trustedCertificates?: pulumi.Output<string>;
  /** What each service connects with; secret. */
  public readonly services: Readonly<Record<ServiceName, pulumi.Output<ServiceConnections>>>;

  constructor(name: string, config: PlatformConfig, opts?: pulumi.ComponentResourceOptions) {
    super("learning-platform:platform:DataPlatform", name, {}, opts);
    const child = { parent: this };

    const servers = createServers(config, child);
    const { network, certificates, postgres, redis, kafka } = servers;
    const databases = forEachService((service) => createDatabase(service, postgres, config, child));
    const accounts = {
      cache: createAccounts("cache", servers, child),
      session: createAccounts("session", servers, child),
    };
    const topics = createTopics(kafka, config, child);
    const ui = createConsole(servers, topics, config, child);
    const guarded = [
      network,
      ...(certificates ? [certificates] : []),
      ...[postgres, redis.cache, redis.session, kafka, ui],
      ...[...Object.values(databases), accounts.cache, accounts.session, topics],
    ];
    new DestroyGuard(`${name}-destroy-guard`, { guarded, protect: config.protect }, child);

    this.postgres = postgres;
    this.redis = redis;
    this.kafka = kafka;
    this.console = ui;
    this.operatorPassword = topics.passwords[OPERATOR];
    this.trustedCertificates = certificates?.trusted;
    this.services = forEachService((service) =>
      serviceConnections({
        service,
        postgres,
        database: databases[service],
        redis,
        redisPasswords: {
          cache: accounts.cache.passwords[service],
          session: accounts.session.passwords[service],
        },
        kafka,
        kafkaPassword: topics.passwords[service],
      }),
    );
    this.registerOutputs({ services: this.services });
  }
}

function createDatabase(
  service: ServiceName,
  server: PostgresServer,
  config: PlatformConfig,
  child: pulumi.ComponentResourceOptions,
) {
  return new ServiceDatabase(
    service,
    {
      ...SERVICES[service],
      service,
      server,
      migrations: `sql/${SERVICES[service].database}`,
      migrationOptions: {
        lockTimeoutMs: config.migrationLockTimeoutMs,
        statementTimeoutMs: config.migrationStatementTimeoutMs,
        waitForLockMs: config.migrationWaitMs,
        allowOutOfOrder: config.migrationAllowOutOfOrder,
      },
      protection: config,
    },
    child,
  );
}

function createAccounts(
  instance: RedisInstanceName,
  { redis }: PlatformServers,
  child: pulumi.ComponentResourceOptions,
) {
  return new RedisAccounts(
    SERVERS[instance].role,
    {
      server: redis[instance],
      services: SERVICE_NAMES.filter((service) => SERVICES[service].redis.includes(instance)),
      formerParent: redis[instance],
    },
    child,
  );
}

function createTopics(
  cluster: KafkaCluster,
  config: PlatformConfig,
  child: pulumi.ComponentResourceOptions,
) {
  return new EventTopics(
    "events",
    {
      cluster,
      topics: topicsWith(config.extraTopics),
      // The console takes longest to start.
      firstUser: CONSOLE_USER,
      protection: config,
    },
    child,
  );
}

function createConsole(
  { place, kafka }: PlatformServers,
  topics: EventTopics,
  config: PlatformConfig,
  child: pulumi.ComponentResourceOptions,
) {
  return new RedpandaConsole(
    SERVERS.console.role,
    {
      ...place("console"),
      port: config.consolePort,
      cluster: kafka,
      showsSchemas: config.consoleSchemaRegistry,
      username: CONSOLE_USER,
      user: topics.users[CONSOLE_USER],
      password: topics.passwords[CONSOLE_USER],
    },
    child,
  );
}

function forEachService<T>(create: (service: ServiceName) => T): Record<ServiceName, T> {
  return Object.fromEntries(SERVICE_NAMES.map((service) => [service, create(service)])) as Record<
    ServiceName,
    T
  >;
}
