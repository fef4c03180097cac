import assert from "node:assert/strict";

import * as kafka from "@pulumi/kafka";
import * as postgresql from "@pulumi/postgresql";
import * as pulumi from "@pulumi/pulumi";

import { CONSOLE_USER, KAFKA_USERS } from "../../../catalog/acls";
import { SERVICES } from "../../../catalog/services";
import type { TopicDefinition } from "../../../catalog/topics";
import { serviceConnections } from "../../../components/connections";
import { EventTopics } from "../../../components/kafka/event-topics";
import type { KafkaCluster } from "../../../components/kafka/kafka-cluster";
import type { PostgresServer } from "../../../components/postgres/postgres-server";
import { ServiceDatabase } from "../../../components/postgres/service-database";
import { RedisAccounts } from "../../../components/redis/redis-accounts";
import type { RedisServer } from "../../../components/redis/redis-server";
import {
  generatedPassword,
  type Recorded,
  recordResources,
  resolved,
  settled,
  TYPES,
} from "../support/mocks";
import { loading, PROJECT } from "../support/program";

const pem = (text: string) => `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`;
const PG_AUTHORITY = pem("pg");
const KAFKA_AUTHORITY = pem("kafka");

/**
 * Servers that somebody else runs: no container, no volume, nothing to wait for, and fewer rights. Each host has
 * a name of its own, so that an address that a component assumes shows.
 */
function foundServers() {
  const administrator = (system: string) => ({
    username: `${system}-admin`,
    password: pulumi.secret(`password-of-${system}-admin`),
  });
  const postgres: PostgresServer = {
    host: "pg.example",
    port: 15_432,
    direct: { host: "direct.example", port: 25_432 },
    administrator: administrator("pg"),
    trusted: pulumi.output(PG_AUTHORITY),
    provider: new postgresql.Provider("found", { host: "pg.example" }),
    capabilities: { extensions: ["vector"] },
  };
  const redis = (instance: string): RedisServer => ({
    host: `${instance}.example`,
    port: 16_379,
    nodes: [
      { host: `${instance}.example`, port: 16_379 },
      { host: `${instance}-replica.example`, port: 16_379 },
    ],
    administrator: administrator(instance),
  });
  const cluster: KafkaCluster = {
    bootstrapServers: "b1.example:9092,b2.example:9092,b3.example:9092",
    internalBootstrapServers: "b1.example:9092,b2.example:9092,b3.example:9092",
    schemaRegistry: { url: "https://registry.example", internalUrl: "https://registry.example" },
    administrator: administrator("kafka"),
    trusted: pulumi.output(KAFKA_AUTHORITY),
    capabilities: {
      saslMechanism: "SCRAM-SHA-512",
      superuser: false,
      replicationFactor: 3,
      fixedTopicSettings: ["compression.type"],
    },
    createProvider: () => new kafka.Provider("found", { bootstrapServers: ["b1.example:9092"] }),
  };
  return { postgres, redis: { cache: redis("cache"), session: redis("session") }, cluster };
}

const TOPICS: Record<string, TopicDefinition> = {
  orders: {
    partitions: 6,
    retentionDays: 2,
    compression: "snappy",
    writers: ["user-service"],
    readers: ["content-service"],
  },
};

const databaseArgs = (server: PostgresServer, extensions: string[]) => ({
  ...SERVICES["user-service"],
  extensions,
  service: "user-service" as const,
  server,
  migrations: "sql/user_service_db",
  migrationOptions: {
    lockTimeoutMs: 1,
    statementTimeoutMs: 2,
    waitForLockMs: 3,
    allowOutOfOrder: false,
  },
  protection: { protect: true, allowDataLoss: [] },
});

describe("on servers that the stack did not start", () => {
  let recorded: Recorded;
  let connections: ReturnType<typeof serviceConnections>;
  before(
    loading(async () => {
      recorded = recordResources(PROJECT, "found");
      const { postgres, redis, cluster } = foundServers();
      const database = new ServiceDatabase("user-service", databaseArgs(postgres, ["vector"]));
      const protection = { protect: true, allowDataLoss: [] };
      const firstUser = CONSOLE_USER;
      const topics = new EventTopics("events", {
        ...{ cluster, topics: TOPICS, users: KAFKA_USERS, firstUser, protection },
      });
      const accounts = new RedisAccounts("cache", {
        server: redis.cache,
        services: ["user-service"],
      });
      connections = serviceConnections({
        service: "user-service",
        postgres,
        database,
        redis,
        redisAccounts: { cache: accounts.users["user-service"] },
        kafka: cluster,
        kafkaUser: topics.users["user-service"],
      });
      await settled();
    }),
  );

  it("no container, volume, image or network is created", () => {
    const docker = recorded.resources.filter(({ type }) => type.startsWith("docker:"));
    assert.deepStrictEqual(docker, []);
  });

  it("nothing is deleted with a volume, and every resource of PostgreSQL and Kafka uses the given provider", () => {
    const database = `${TYPES.database}::user-service-database`;
    const goWithDatabase = new Set<string>([
      ...[TYPES.migrations, TYPES.extension, TYPES.databaseRights],
    ]);
    for (const { key, type, deletedWith, provider } of recorded.resources) {
      assert.strictEqual(deletedWith, goWithDatabase.has(type) ? database : undefined, key);
      const [system] = type.split(":");
      if (system === "postgresql" || system === "kafka") {
        assert.strictEqual(provider, `pulumi:providers:${system}::found`, key);
      }
    }
  });

  it("rights and migrations go to the server itself, past what services connect through, as its administrator and as the migrator", () => {
    const { inputs: settings } = recorded.only(TYPES.databaseRights);
    assert.deepStrictEqual(
      [
        settings.host,
        settings.port,
        settings.adminUsername,
        settings.adminPassword,
        settings.trusted,
      ],
      ["direct.example", 25_432, "pg-admin", "password-of-pg-admin", PG_AUTHORITY],
    );
    const { inputs: migrations } = recorded.only(TYPES.migrations);
    assert.deepStrictEqual(
      [migrations.host, migrations.port, migrations.username, migrations.trusted],
      ["direct.example", 25_432, "user_service_migrator", PG_AUTHORITY],
    );
  });

  it("topics have as many copies as the cluster keeps, and no setting that it does not let anybody change", () => {
    assert.deepStrictEqual(recorded.only(TYPES.topic).inputs, {
      name: "orders",
      partitions: 6,
      replicationFactor: 3,
      config: { "cleanup.policy": "delete", "retention.ms": "172800000" },
    });
    for (const { inputs } of recorded.all(TYPES.rights)) {
      assert.deepStrictEqual(
        [inputs.bootstrapServers, inputs.saslMechanism, inputs.adminUsername, inputs.trusted],
        [
          ...["b1.example:9092,b2.example:9092,b3.example:9092", "SCRAM-SHA-512", "kafka-admin"],
          KAFKA_AUTHORITY,
        ],
      );
    }
  });

  it("users of a Redis server are created on each of its nodes", () => {
    const { inputs, dependsOn } = recorded.only(TYPES.redisUser);
    assert.deepStrictEqual(
      [inputs.host, inputs.port, inputs.adminUsername, inputs.replicas],
      [
        ...["cache.example", 16_379, "cache-admin"],
        [{ host: "cache-replica.example", port: 16_379 }],
      ],
    );
    // Only its own password: there is nothing to wait for.
    assert.deepStrictEqual(dependsOn, [`${TYPES.password}::cache-user-service-password`]);
  });

  it("a service's keys go with its user only where the stack's prefix is theirs, and the server stays", async () => {
    const apart = recordResources(PROJECT, "found");
    const { redis } = foundServers();
    const services = ["user-service"];
    const stays = { server: redis.cache, services, deletesKeys: true };
    new RedisAccounts("shared", { ...stays, prefix: "pr-7" });
    new RedisAccounts("kept", { ...stays, prefix: "pr-7", deletesKeys: false });
    new RedisAccounts("alone", { ...stays, prefix: "" });
    const lifetime = new postgresql.Provider("lifetime", { host: "pg.example" });
    new RedisAccounts("container", {
      ...stays,
      server: { ...redis.cache, lifetime },
      prefix: "pr-7",
    });
    await settled();
    const users = apart.all(TYPES.redisUser);
    assert.deepStrictEqual(
      Object.fromEntries(users.map(({ name, inputs }) => [name, inputs.ownKeys])),
      {
        "shared-user-service": "pr-7-user-service:",
        "kept-user-service": undefined,
        "alone-user-service": undefined,
        "container-user-service": undefined,
      },
    );
  });

  it("no user of Redis is made where users are given, and the rights that they must have are told", async () => {
    const apart = recordResources(PROJECT, "found");
    const { redis } = foundServers();
    const given = { username: "team-a", password: pulumi.secret("given") };
    const server = { ...redis.cache, administrator: undefined, users: { "user-service": given } };
    const accounts = new RedisAccounts("given", {
      server,
      services: ["user-service"],
      prefix: "pr-7",
    });
    await settled();
    assert.deepStrictEqual(apart.all(TYPES.redisUser), []);
    assert.deepStrictEqual(accounts.users["user-service"].username, "team-a");
    assert.strictEqual(accounts.users["user-service"].keyPrefix, "pr-7-user-service:");
    assert.deepStrictEqual(Object.keys(accounts.accessStrings), ["user-service"]);
    assert.match(accounts.accessStrings["user-service"], /^on ~pr-7-user-service:\* /);
  });

  it("a service connects to each server as that server requires", async () => {
    const { value, secret } = await resolved(connections);
    const password = generatedPassword("user-service-app-password");
    assert.strictEqual(secret, true);
    assert.strictEqual(
      value.database.url,
      `postgresql://user_service_app:${password}@pg.example:15432/user_service_db?sslmode=verify-full`,
    );
    assert.strictEqual(
      value.cache.url,
      `redis://user-service:${generatedPassword("cache-user-service-password")}@cache.example:16379`,
    );
    assert.ok(!("session" in value));
    assert.strictEqual(value.kafka.securityProtocol, "SASL_SSL");
    assert.match(value.kafka.bootstrapServers, /^b1\.example:9092,b2/);
    assert.strictEqual(value.schemaRegistry!.url, "https://registry.example");
    assert.strictEqual(value.trustedCertificates, PG_AUTHORITY + KAFKA_AUTHORITY);
  });

  it("an extension that the administrator cannot create is refused, with what it can", () => {
    const { postgres } = foundServers();
    assert.throws(
      () => new ServiceDatabase("other", databaseArgs(postgres, ["vector", "postgis"])),
      /pg\.example:15432 cannot create postgis, which user-service needs .*can create: vector\./,
    );
  });
});
