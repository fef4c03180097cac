import assert from "node:assert/strict";
import { createHash } from "node:crypto";

import { CACHE_POOL as CACHE_POOL_SETTINGS } from "../../../catalog/client-settings";
import { readSettings, variableOf } from "../../../client/src/settings";
import { UNKNOWN_SECRET } from "../../../config-servers";
import { DATABASES, SERVICES } from "../../support/contract";
import { generatedPassword, passwordsIn, resolved, TYPES } from "../support/mocks";
import {
  bareProgram,
  DEV_SETTINGS,
  devProgram,
  loading,
  type Program,
  runProgram,
} from "../support/program";

const DATABASE_POOL = {
  maximumPoolSize: 20,
  minimumIdle: 5,
  connectionTimeoutMs: 30_000,
  idleTimeoutMs: 600_000,
  maxLifetimeMs: 1_800_000,
  leakDetectionThresholdMs: 60_000,
  preparedStatementCacheSize: 250,
};

const CACHE_POOL = { maxActive: 20, maxIdle: 10, minIdle: 2, maxWaitMs: 5_000 };

const CACHE_TTL_SECONDS = {
  users: 1_800,
  sessions: 900,
  content: 7_200,
  agents: 2_700,
  payments: 600,
  analytics: 300,
  default: 3_600,
};

const KEEPS_SESSIONS = ["user-service", "agent-orchestrator"];

interface Login {
  username: string;
  password: string;
  port: number;
  scheme: string;
  path?: string;
}

const login = ({ username, password, port, scheme, path = "" }: Login) => ({
  host: "localhost",
  port,
  username,
  password,
  url: `${scheme}://${username}:${password}@localhost:${port}${path}`,
});

function connectionsOf(service: string) {
  const { database, prefix } = DATABASES[service];
  const postgres = (role: string) => ({
    name: database,
    jdbcUrl: `jdbc:postgresql://localhost:5432/${database}?prepareThreshold=5&preparedStatementCacheQueries=250`,
    prepareThreshold: 5,
    ...login({
      username: `${prefix}_${role}`,
      password: generatedPassword(`${service}-${role}-password`),
      port: 5432,
      scheme: "postgresql",
      path: `/${database}`,
    }),
  });
  const redis = (instance: string, port: number) => ({
    keyPrefix: `${service}:`,
    pool: CACHE_POOL,
    ...login({
      username: service,
      password: generatedPassword(`${instance}-${service}-password`),
      port,
      scheme: "redis",
    }),
  });
  const kafka = {
    username: service,
    password: generatedPassword(`events-${service}-password`),
  };
  return {
    database: { ...postgres("app"), pool: DATABASE_POOL },
    databaseReadonly: {
      ...postgres("readonly"),
      pool: { ...DATABASE_POOL, maximumPoolSize: 5, minimumIdle: 1 },
    },
    cache: { ...redis("redis", 6379), ttlSeconds: CACHE_TTL_SECONDS },
    ...(KEEPS_SESSIONS.includes(service) ? { session: redis("redis-session", 6380) } : {}),
    kafka: {
      bootstrapServers: "localhost:19092",
      securityProtocol: "SASL_PLAINTEXT",
      saslMechanism: "SCRAM-SHA-256",
      ...kafka,
      groupId: service,
      groupPrefix: `${service}.`,
      topicPrefix: "",
      transactionalIdPrefix: `${service}-`,
      partitioner: "murmur2_random",
      maxMessageBytes: 1_048_576,
    },
    schemaRegistry: { url: "http://localhost:18081", ...kafka },
  };
}

describe("outputs", () => {
  let dev: Program;
  before(loading(async () => (dev = await devProgram())));

  it("have the access points of the contract, without a secret", () => {
    const { accessPoints } = dev.outputs;
    assert.deepStrictEqual(accessPoints, {
      postgres: {
        container: "learning-platform-postgres",
        address: "localhost:5432",
        internalAddress: "learning-platform-postgres:5432",
      },
      redis: {
        container: "learning-platform-redis",
        address: "localhost:6379",
        internalAddress: "learning-platform-redis:6379",
      },
      redisSession: {
        container: "learning-platform-redis-session",
        address: "localhost:6380",
        internalAddress: "learning-platform-redis-session:6379",
      },
      kafka: {
        container: "learning-platform-redpanda",
        address: "localhost:19092",
        internalAddress: "learning-platform-redpanda:9092",
      },
      schemaRegistry: {
        container: "learning-platform-redpanda",
        address: "http://localhost:18081",
        internalAddress: "http://learning-platform-redpanda:8081",
      },
      redpandaAdmin: {
        container: "learning-platform-redpanda",
        address: "http://localhost:19644",
      },
      console: {
        container: "learning-platform-redpanda-console",
        address: "http://localhost:8080",
      },
    });
    assert.deepStrictEqual(passwordsIn(dev.recorded, [JSON.stringify(accessPoints)]), []);
  });

  it("have connections of the four services and no other", () => {
    assert.deepStrictEqual(Object.keys(dev.outputs.services), SERVICES);
  });

  for (const service of SERVICES) {
    it(`give ${service} its own logins, pools and times to live, as one secret`, async () => {
      const services: Record<string, (typeof dev.outputs.services)["user-service"]> =
        dev.outputs.services;
      const { value, secret } = await resolved(services[service]);
      assert.deepStrictEqual(value, connectionsOf(service));
      assert.strictEqual(secret, true);
    });

    it(`give ${service} what its client reads, and nothing that it leaves out`, async () => {
      const services: Record<string, (typeof dev.outputs.services)["user-service"]> =
        dev.outputs.services;
      const { value } = await resolved(services[service]);
      const environment = { [variableOf(service)]: JSON.stringify(value) };
      assert.deepStrictEqual(readSettings(service, environment), value);
    });
  }

  it("let two instances of a service fill their pools at the same time, for each login", async () => {
    for (const output of Object.values(dev.outputs.services)) {
      const { value } = await resolved(output);
      for (const { username, pool } of [value.database, value.databaseReadonly]) {
        const role = dev.recorded.all(TYPES.role).find(({ inputs }) => inputs.name === username);
        assert.strictEqual(role?.inputs.connectionLimit, 2 * pool.maximumPoolSize, username);
      }
    }
  });

  it("have the rules for users of Redis that another tool creates", async () => {
    const given = (...services: string[]) => ({
      nodes: ["redis.example:6379"],
      users: Object.fromEntries(
        services.map((service) => [
          service,
          { username: `u-${service}`, password: UNKNOWN_SECRET },
        ]),
      ),
    });
    const { outputs, recorded } = await runProgram("given", {
      redisServer: given(...SERVICES),
      redisSessionServer: given("user-service", "agent-orchestrator"),
    });
    assert.deepStrictEqual(recorded.all(TYPES.redisUser), []);
    assert.match(
      outputs.redisAccessStrings!["user-service"],
      /^on ~user-service:\* &user-service:\* \+@all -@admin -@dangerous /,
    );
    const { value } = await resolved(outputs.services["user-service"]);
    assert.deepStrictEqual(
      [value.cache.username, value.cache.keyPrefix, value.cache.url.split("@")[1]],
      ["u-user-service", "user-service:", "redis.example:6379"],
    );
    assert.ok(!("redisAccessStrings" in dev.outputs));
  });

  it("send readers to the replicas of a server that exists", async () => {
    const { outputs } = await runProgram("given", {
      postgresServer: {
        ...{ host: "db.example", username: "admin", password: UNKNOWN_SECRET, tls: false },
        ...{ readonlyHost: "reader.example", readonlyPort: 6543 },
      },
    });
    const { value } = await resolved(outputs.services["user-service"]);
    assert.strictEqual(value.database.url.split("@")[1], "db.example:5432/user_service_db");
    assert.strictEqual(
      value.databaseReadonly.url.split("@")[1],
      "reader.example:6543/user_service_db",
    );
    assert.match(value.databaseReadonly.jdbcUrl, /^jdbc:postgresql:\/\/reader\.example:6543\//);
  });

  it("contain no password in an address for the JVM", async () => {
    for (const output of Object.values(dev.outputs.services)) {
      const { value } = await resolved(output);
      const urls = [value.database.jdbcUrl, value.databaseReadonly.jdbcUrl];
      assert.deepStrictEqual(passwordsIn(dev.recorded, urls), []);
    }
  });

  it("have the administrators' logins as one secret", async () => {
    const { value, secret } = await resolved(dev.outputs.administrators);
    const administrator = (username: string, resource: string) => ({
      username,
      password: generatedPassword(`${resource}-password`),
    });
    assert.deepStrictEqual(value, {
      postgres: administrator("postgres", "postgres"),
      redis: administrator("platform-admin", "redis"),
      redisSession: administrator("platform-admin", "redis-session"),
      kafka: administrator("platform-admin", "redpanda"),
      kafkaOperator: administrator("platform-ops", "events-platform-ops"),
    });
    assert.strictEqual(secret, true);
  });

  it("are these four and no other, if connections are not encrypted", () => {
    assert.deepStrictEqual(Object.keys(dev.outputs).sort(), [
      "accessPoints",
      "administrators",
      "services",
      "servicesRevision",
    ]);
  });

  it("contain no password that only the platform uses", async () => {
    const { services, administrators } = dev.outputs;
    const all = await Promise.all([...Object.values(services), administrators].map(textOf));
    const own = [
      ...SERVICES.map((service) => `${service}-migrator-password`),
      "events-platform-console-password",
    ];
    for (const name of own) {
      assert.ok(dev.recorded.only(TYPES.password, name));
      assert.ok(!all.some((text) => text.includes(generatedPassword(name))), name);
    }
  });

  it(
    "of another stack have its own ports and containers",
    loading(async () => {
      const { outputs } = await bareProgram();
      const points = Object.values(outputs.accessPoints);
      const known = Object.values(dev.outputs.accessPoints);
      assert.strictEqual(new Set(points.map(({ address }) => address)).size, 7);
      for (const { address, container } of points) {
        assert.match(address, /^(http:\/\/)?localhost:2\d{4}$/);
        assert.match(container ?? "", /^learning-platform-pr-7-/);
        assert.ok(!known.some((point) => point.address === address));
      }
    }),
  );
});

describe("the revision of the services' connections", () => {
  let dev: Program;
  let revision: string;
  before(
    loading(async () => {
      dev = await devProgram();
      revision = await revisionOf(dev);
    }),
  );

  it("is no secret, and is neither a password nor the hash of one", async () => {
    const { secret } = await resolved(dev.outputs.servicesRevision);
    assert.strictEqual(secret, false);
    assert.match(revision, /^[0-9a-f]{64}$/);
    assert.deepStrictEqual(passwordsIn(dev.recorded, [revision]), []);
  });

  it("leaves the services' connections secret", async () => {
    for (const service of Object.values(dev.outputs.services)) {
      assert.strictEqual((await resolved(service)).secret, true);
    }
  });

  it("covers everything that the services get", async () => {
    const settings = await Promise.all(
      Object.entries(dev.outputs.services).map(
        async ([service, output]) => [service, (await resolved(output)).value] as const,
      ),
    );
    const text = JSON.stringify(Object.fromEntries(settings));
    assert.strictEqual(revision, createHash("sha256").update(text).digest("hex"));
  });

  it(
    "changes with one password of one service",
    loading(async () => {
      const rotated = { "redis-session-user-service-password": "rotated" };
      assert.notStrictEqual(
        await revisionOf(await runProgram("dev", DEV_SETTINGS, rotated)),
        revision,
      );
    }),
  );

  it(
    "changes with the size of a pool",
    loading(async () => {
      const pool: { maxActive: number } = CACHE_POOL_SETTINGS;
      const { maxActive } = pool;
      try {
        pool.maxActive += 1;
        assert.notStrictEqual(await revisionOf(await runProgram("dev", DEV_SETTINGS)), revision);
      } finally {
        pool.maxActive = maxActive;
      }
    }),
  );

  it(
    "does not change with settings that no service gets",
    loading(async () => {
      const settings = {
        ...DEV_SETTINGS,
        namePrefix: "edu",
        redisMemoryMb: 64,
        consolePort: 7_000,
      };
      const rotated = {
        "postgres-password": "rotated",
        "user-service-migrator-password": "rotated",
        "events-platform-ops-password": "rotated",
      };
      assert.strictEqual(await revisionOf(await runProgram("dev", settings, rotated)), revision);
    }),
  );
});

const revisionOf = async ({ outputs }: Program) => (await resolved(outputs.servicesRevision)).value;

const textOf = async (output: Parameters<typeof resolved>[0]) =>
  JSON.stringify((await resolved(output)).value);
