import * as pulumi from "@pulumi/pulumi";

import { CONSOLE_USER } from "../../catalog/acls";
import {
  REDIS_INSTANCES,
  type RedisInstanceName,
  SERVICE_NAMES,
  type ServiceName,
  SERVICES,
} from "../../catalog/services";
import { OPERATOR, type TopicDefinition, TOPICS } from "../../catalog/topics";
import type { PlatformConfig } from "../../config";
import type { ServiceConnections } from "../../contract/connections";
import { EventTopics } from "../kafka/event-topics";
import { RedpandaBroker } from "../kafka/redpanda-broker";
import { RedpandaConsole } from "../kafka/redpanda-console";
import { PostgresServer } from "../postgres/postgres-server";
import { allConnections, roleNames } from "../postgres/roles";
import { ServiceDatabase } from "../postgres/service-database";
import { serviceRules } from "../redis/redis-config";
import { RedisInstance } from "../redis/redis-instance";
import { RedisUser } from "../redis/redis-user";
import { serviceConnections } from "./connections";
import { containerName, type PlatformSettings } from "./container";
import { DestroyGuard } from "./destroy-guard";
import { createPassword } from "./password";
import { PlatformCertificates } from "./platform-certificates";
import { PlatformNetwork } from "./platform-network";

/** Ends of the containers' names. */
const REDIS_ROLES: Record<RedisInstanceName, string> = { cache: "redis", session: "redis-session" };

/** The whole platform of one stack. */
export class DataPlatform extends pulumi.ComponentResource {
  public readonly postgres: PostgresServer;
  public readonly redis: Readonly<Record<RedisInstanceName, RedisInstance>>;
  public readonly broker: RedpandaBroker;
  public readonly console: RedpandaConsole;
  /** Password of the operators' principal on the broker; secret. */
  public readonly operatorPassword: pulumi.Output<string>;
  /** PEM of the authorities that clients are to trust; undefined where connections are in clear. */
  public readonly trustedCertificates?: pulumi.Output<string>;
  /** What each service connects with; secret. */
  public readonly services: Readonly<Record<ServiceName, pulumi.Output<ServiceConnections>>>;

  constructor(name: string, config: PlatformConfig, opts?: pulumi.ComponentResourceOptions) {
    super("learning-platform:platform:DataPlatform", name, {}, opts);
    const child = { parent: this };

    const network = new PlatformNetwork("platform", config, child);
    const platform: PlatformSettings = {
      ...config,
      networkName: network.networkName,
      protection: config,
    };
    const certificates = config.tls ? createCertificates() : undefined;
    const postgres = createPostgres();
    const redis = { cache: createRedis("cache"), session: createRedis("session") };
    const broker = createBroker();
    const databases = mapServices(createDatabase);
    const redisPasswords = mapServices(createRedisUsers);
    const topics = createTopics();
    const ui = createConsole();
    createDestroyGuard();
    this.console = ui;
    this.postgres = postgres;
    this.redis = redis;
    this.broker = broker;
    this.operatorPassword = topics.passwords[OPERATOR];
    this.trustedCertificates = certificates?.trusted;
    this.services = mapServices((service) =>
      serviceConnections({
        service,
        postgres,
        database: databases[service],
        redis,
        redisPasswords: redisPasswords[service],
        broker,
        kafkaPassword: topics.passwords[service],
      }),
    );
    this.registerOutputs({ services: this.services });

    function createCertificates() {
      return new PlatformCertificates(
        "certificates",
        {
          stack: config.stack,
          servers: {
            postgres: containerName(platform, "postgres"),
            cache: containerName(platform, REDIS_ROLES.cache),
            session: containerName(platform, REDIS_ROLES.session),
            redpanda: containerName(platform, "redpanda"),
          },
          directory: config.tlsDirectory,
          days: config.tlsCertificateDays,
        },
        child,
      );
    }

    function createPostgres() {
      return new PostgresServer(
        "postgres",
        {
          platform,
          image: config.postgresImage,
          memoryMb: config.postgresMemoryMb,
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

    function createRedis(instance: RedisInstanceName) {
      const role = REDIS_ROLES[instance];
      return new RedisInstance(
        role,
        {
          platform,
          role,
          instance,
          image: config.redisImage,
          memoryMb: config.redisMemoryMb,
          port: { cache: config.redisPort, session: config.redisSessionPort }[instance],
          tls: certificates?.servers[instance],
        },
        child,
      );
    }

    function createBroker() {
      return new RedpandaBroker(
        "redpanda",
        {
          platform,
          image: config.redpandaImage,
          memoryMb: config.redpandaMemoryMb,
          ports: {
            kafka: config.kafkaPort,
            schemaRegistry: config.schemaRegistryPort,
            admin: config.redpandaAdminPort,
          },
          tls: certificates?.servers.redpanda,
        },
        child,
      );
    }

    function createDatabase(service: ServiceName) {
      return new ServiceDatabase(
        service,
        {
          ...SERVICES[service],
          service,
          server: postgres,
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

    /** One user and one password of the service on each instance that it uses. */
    function createRedisUsers(service: ServiceName) {
      const passwords: Partial<Record<RedisInstanceName, pulumi.Output<string>>> = {};
      for (const instance of REDIS_INSTANCES) {
        if (!SERVICES[service].redis.includes(instance)) {
          continue;
        }
        const server = redis[instance];
        const userName = `${REDIS_ROLES[instance]}-${service}`;
        const password = createPassword(userName, { parent: server });
        new RedisUser(
          userName,
          {
            host: server.host,
            port: server.port,
            adminUsername: server.adminUsername,
            adminPassword: server.adminPassword,
            trusted: server.trusted,
            username: service,
            password,
            rules: serviceRules(service),
          },
          { parent: server, dependsOn: server.ready, deletedWith: server.data },
        );
        passwords[instance] = password;
      }
      return passwords;
    }

    function createTopics() {
      const extra = config.extraTopics.map(({ name: topic, partitions, retentionDays }) => {
        const definition: TopicDefinition = {
          partitions,
          retentionDays,
          compression: "snappy",
          writers: SERVICE_NAMES,
          readers: SERVICE_NAMES,
        };
        return [topic, definition] as const;
      });
      return new EventTopics(
        "events",
        { broker, topics: { ...TOPICS, ...Object.fromEntries(extra) }, protection: config },
        child,
      );
    }

    function createConsole() {
      return new RedpandaConsole(
        "redpanda-console",
        {
          platform,
          image: config.consoleImage,
          memoryMb: config.consoleMemoryMb,
          port: config.consolePort,
          bootstrapServers: broker.internalBootstrapServers,
          schemaRegistryUrl: config.consoleSchemaRegistry
            ? broker.internalSchemaRegistryUrl
            : undefined,
          username: CONSOLE_USER,
          password: topics.passwords[CONSOLE_USER],
          trusted: broker.trusted,
        },
        // It gives up when its user is unknown to the broker.
        { ...child, dependsOn: topics.users[CONSOLE_USER] },
      );
    }

    function createDestroyGuard() {
      const servers = [
        network,
        ...(certificates ? [certificates] : []),
        postgres,
        redis.cache,
        redis.session,
        broker,
        ui,
      ];
      new DestroyGuard(
        `${name}-destroy-guard`,
        { guarded: [...servers, ...Object.values(databases), topics], protect: config.protect },
        child,
      );
    }
  }
}

function mapServices<T>(make: (service: ServiceName) => T): Record<ServiceName, T> {
  return Object.fromEntries(SERVICE_NAMES.map((service) => [service, make(service)])) as Record<
    ServiceName,
    T
  >;
}
