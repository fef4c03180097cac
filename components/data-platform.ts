import * as pulumi from "@pulumi/pulumi";

import { CONSOLE_USER, kafkaUsers } from "../catalog/acls";
import { sharedSqlName } from "../catalog/names";
import { SERVERS } from "../catalog/servers";
import {
  type RedisInstanceName,
  SERVICE_NAMES,
  type ServiceName,
  SERVICES,
  servicesOn,
} from "../catalog/services";
import { OPERATOR, topicsWith } from "../catalog/topics";
import type { PlatformConfig } from "../config";
import type { ServiceConnections } from "../contract/connections";
import { serviceConnections } from "./connections";
import { DestroyGuard } from "./destroy-guard";
import { EventSchemas } from "./kafka/event-schemas";
import { EventTopics } from "./kafka/event-topics";
import type { GivenUser, KafkaCluster } from "./kafka/kafka-cluster";
import { RedpandaConsole } from "./kafka/redpanda-console";
import { writeMonitoringFiles } from "./monitoring-files";
import { createWalArchiver } from "./platform-archive";
import { createMonitoring, type PlatformMonitoring } from "./platform-monitoring";
import { createServers, type PlatformServers } from "./platform-servers";
import type { PostgresServer } from "./postgres/postgres-server";
import { ServiceDatabase } from "./postgres/service-database";
import { RedisAccounts } from "./redis/redis-accounts";
import type { RedisServer } from "./redis/redis-server";

/** The whole platform of one stack: its servers, what lives on them, and what each service connects with. */
export class DataPlatform extends pulumi.ComponentResource {
  public readonly postgres: PostgresServer;
  public readonly postgresReplicas: PlatformServers["postgresReplicas"];
  public readonly redis: Readonly<Record<RedisInstanceName, RedisServer>>;
  public readonly kafka: KafkaCluster;
  /** Undefined if the stack runs none. */
  public readonly console?: RedpandaConsole;
  /** Undefined if the stack has none. */
  public readonly monitoring?: PlatformMonitoring;
  /** How the operators' principal logs in to the broker. */
  public readonly operator: GivenUser;
  /** PEM of the authorities that clients are to trust; undefined if connections are not encrypted. */
  public readonly trustedCertificates?: pulumi.Output<string>;
  /** The rights of given users of Redis, by service (redis-access.ts). */
  public readonly redisAccessStrings: Readonly<Record<string, string>>;
  /** What each service connects with; secret. */
  public readonly services: Readonly<Record<ServiceName, pulumi.Output<ServiceConnections>>>;

  constructor(name: string, config: PlatformConfig, opts?: pulumi.ComponentResourceOptions) {
    super("learning-platform:platform:DataPlatform", name, {}, opts);
    const child = { parent: this };

    const servers = createServers(config, child);
    const { network, certificates, postgres, postgresReplicas, redis, kafka } = servers;
    const { sharedPrefix: prefix } = config;
    const databases = forEachService((service) => createDatabase(service, postgres, config, child));
    const accounts = {
      cache: createAccounts("cache", servers, config, child),
      session: createAccounts("session", servers, config, child),
    };
    const topics = createTopics(kafka, config, child);
    const schemas = createSchemas(`${name}-event-schemas`, kafka, config, child);
    const ui = config.console ? createConsole(servers, topics, config, child) : undefined;
    const walArchiver = createWalArchiver(servers, config, child);
    const monitoring = createMonitoring(servers, config, child);
    writeMonitoringFiles(config);
    const guarded = [
      ...(monitoring?.components ?? []),
      ...[network, certificates, ui, schemas, walArchiver].filter((made) => made !== undefined),
      ...[servers.replicator, ...Object.values(postgresReplicas)].filter(
        (made) => made !== undefined,
      ),
      ...[postgres, redis.cache, redis.session, ...servers.redisNodes, kafka],
      ...[...Object.values(databases), accounts.cache, accounts.session, topics],
    ];
    new DestroyGuard(`${name}-destroy-guard`, { guarded, protect: config.protect }, child);

    this.postgres = postgres;
    this.postgresReplicas = postgresReplicas;
    this.redis = redis;
    this.kafka = kafka;
    this.console = ui;
    this.monitoring = monitoring;
    this.operator = topics.users[OPERATOR];
    this.trustedCertificates = certificates?.trusted;
    this.redisAccessStrings = {
      ...accounts.cache.accessStrings,
      ...accounts.session.accessStrings,
    };
    this.services = forEachService((service) =>
      serviceConnections({
        service,
        postgres,
        reader: readerOf(service, servers),
        database: databases[service],
        redis,
        redisAccounts: {
          cache: accounts.cache.users[service],
          session: accounts.session.users[service],
        },
        kafka,
        kafkaUser: topics.users[service],
        registryLogin: registryLogin(service, config),
        prefix,
      }),
    );
    this.registerOutputs({ services: this.services });
  }
}

/**
 * Services take turns: the first reads from the first replica, the second from the second one. A list of all for each would
 * need a client that tries one after another, as libpq and JDBC do, and pg does not.
 */
const readerOf = (service: ServiceName, { readers }: PlatformServers) =>
  readers[SERVICE_NAMES.indexOf(service) % readers.length];

function createDatabase(
  service: ServiceName,
  server: PostgresServer,
  config: PlatformConfig,
  child: pulumi.ComponentResourceOptions,
) {
  const { database, rolePrefix } = SERVICES[service];
  return new ServiceDatabase(
    service,
    {
      ...SERVICES[service],
      database: sharedSqlName(config.sharedPrefix, database),
      rolePrefix: sharedSqlName(config.sharedPrefix, rolePrefix),
      service,
      server,
      migrations: `sql/${database}`,
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
  { sharedPrefix, sharedServers, protect }: PlatformConfig,
  child: pulumi.ComponentResourceOptions,
) {
  return new RedisAccounts(
    SERVERS[instance].role,
    {
      server: redis[instance],
      services: servicesOn(instance),
      prefix: sharedPrefix,
      deletesKeys: sharedServers && !protect,
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
      users: kafkaUsers(config.console),
      prefix: config.sharedPrefix,
      // The console takes longest to start.
      firstUser: config.console ? CONSOLE_USER : undefined,
      protection: config,
    },
    child,
  );
}

/** Schemas of events, where there is a registry and a login to it. */
function createSchemas(
  name: string,
  cluster: KafkaCluster,
  config: PlatformConfig,
  child: pulumi.ComponentResourceOptions,
): EventSchemas | undefined {
  const login = cluster.schemaRegistry?.registrar;
  if (!config.eventSchemas || login === undefined) {
    return undefined;
  }
  const { sharedPrefix: prefix } = config;
  // A registry of its own outlives the cluster's volume.
  const isOwn = config.schemaRegistry === undefined;
  const lifetime = isOwn ? cluster.lifetime : undefined;
  return new EventSchemas(
    name,
    // With the prefix, the subjects are the stack's alone.
    { cluster, login, prefix, deletes: prefix !== "" && !config.protect && lifetime === undefined },
    { ...child, dependsOn: cluster.ready, deletedWith: lifetime },
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
      username: topics.users[CONSOLE_USER].username,
      password: topics.users[CONSOLE_USER].password,
      user: topics.made[CONSOLE_USER],
    },
    child,
  );
}

/** The service's own login to a schema registry, where it is not that of Kafka; secret. */
function registryLogin(service: ServiceName, { schemaRegistry }: PlatformConfig) {
  const login = schemaRegistry?.users?.[service];
  return login && { username: login.username, password: pulumi.secret(login.password) };
}

function forEachService<T>(create: (service: ServiceName) => T): Record<ServiceName, T> {
  return Object.fromEntries(SERVICE_NAMES.map((service) => [service, create(service)])) as Record<
    ServiceName,
    T
  >;
}
