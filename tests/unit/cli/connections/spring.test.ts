import assert from "node:assert/strict";

import { parse } from "yaml";

import { springText } from "../../../../cli/connections/spring";
import type { ServiceConnections } from "../../../../contract/connections";
import { AWKWARD, connectionsWith, PEM } from "./support";

/** The file as Spring's parser reads it, which has the types of YAML 1.1. */
const read = (connections: ServiceConnections, caFile?: string) =>
  parse(springText("user-service", connections, caFile), { version: "1.1" }) as Record<string, any>; // eslint-disable-line @typescript-eslint/no-explicit-any

const encrypted = (connections: ServiceConnections): ServiceConnections => ({
  ...connections,
  database: {
    ...connections.database,
    jdbcUrl: `${connections.database.jdbcUrl}&sslmode=verify-full`,
  },
  cache: { ...connections.cache, url: connections.cache.url.replace("redis:", "rediss:") },
  kafka: { ...connections.kafka, securityProtocol: "SASL_SSL" },
});

describe("application.yml for Spring Boot", () => {
  it("has every setting of the contract's pools and times to live", () => {
    const { spring, platform } = read(connectionsWith("secret"));
    assert.deepEqual(spring.datasource, {
      url: "jdbc:postgresql://localhost:5432/user_service_db?prepareThreshold=5",
      username: "user_service_app",
      password: "secret",
      hikari: {
        "pool-name": "user-service",
        "maximum-pool-size": 20,
        "minimum-idle": 5,
        "connection-timeout": 30_000,
        "idle-timeout": 600_000,
        "max-lifetime": 1_800_000,
        "leak-detection-threshold": 60_000,
      },
    });
    assert.equal(platform["database-readonly"]["maximum-pool-size"], 5);
    assert.deepEqual(spring.data.redis.lettuce.pool, {
      "max-active": 20,
      "max-idle": 10,
      "min-idle": 2,
      "max-wait": "5000ms",
      "time-between-eviction-runs": "30s",
    });
    assert.equal(spring.data.redis.timeout, "5000ms");
    assert.equal(spring.cache.redis["time-to-live"], "3600s");
    assert.deepEqual(platform.cache["time-to-live"], {
      users: "1800s",
      sessions: "900s",
      content: "7200s",
      agents: "2700s",
      payments: "600s",
      analytics: "300s",
      default: "3600s",
    });
  });

  it("has Lettuce look for the nodes of a clustered cache, and says where each of them is", () => {
    const { cache, ...rest } = connectionsWith("secret");
    const cluster = { nodes: "localhost:1,localhost:2", announcedNodes: "lp-redis:1,lp-redis-2:2" };
    const { spring, platform } = read({ ...rest, cache: { ...cache, cluster } });
    const { cluster: first, lettuce, host } = spring.data.redis;
    assert.deepEqual([first, host], [{ nodes: ["localhost:1", "localhost:2"] }, undefined]);
    assert.deepEqual(lettuce.cluster, { refresh: { adaptive: true, period: "60s" } });
    assert.deepEqual(platform.cache.cluster, {
      nodes: "localhost:1,localhost:2",
      "announced-nodes": "lp-redis:1,lp-redis-2:2",
    });
  });

  it("keeps keys, groups and sessions within what the service may use", () => {
    const { spring, platform } = read(connectionsWith("secret"));
    assert.equal(spring.cache.redis["key-prefix"], "user-service:");
    assert.equal(spring.session.data.redis.namespace, "user-service:session");
    assert.equal(spring.session.redis.namespace, "user-service:session");
    assert.equal(spring.kafka.consumer["group-id"], "user-service");
    assert.equal(platform.kafka["transaction-id-prefix"], "user-service-");
  });

  it("reads from the oldest event on, and compresses as the topics say", () => {
    const { spring } = read(connectionsWith("secret"));
    assert.equal(spring.kafka.consumer["auto-offset-reset"], "earliest");
    assert.equal(spring.kafka.producer["compression-type"], "snappy");
  });

  it("has no session where the service keeps none, and no registry where the stack has none", () => {
    const rest = { session: undefined, schemaRegistry: undefined };
    const { spring, platform } = read(connectionsWith("secret", rest));
    assert.equal(spring.session, undefined);
    assert.equal(platform.session, undefined);
    assert.deepEqual(Object.keys(spring.kafka.properties), ["sasl.mechanism", "sasl.jaas.config"]);
  });

  it("logs in to Kafka with the mechanism of the stack, and quotes the password for JAAS", () => {
    const { kafka } = connectionsWith('a"b\\c');
    const { spring } = read(connectionsWith("", { kafka: { ...kafka, saslMechanism: "PLAIN" } }));
    assert.equal(
      spring.kafka.properties["sasl.jaas.config"],
      'org.apache.kafka.common.security.plain.PlainLoginModule required username="user-service" password="a\\"b\\\\c";',
    );
  });

  it("keeps passwords text that YAML 1.1 and Spring read as something else", () => {
    for (const password of ["yes", "12:34:56", "0x1F", "1_000", "null", "*x", "é\u0007"]) {
      assert.equal(read(connectionsWith(password)).spring.datasource.password, password);
    }
    const { spring } = read(connectionsWith(AWKWARD));
    assert.equal(spring.datasource.password, AWKWARD.replace("${", "\\${"));
  });

  it("trusts the stack's authorities in each system", () => {
    const connections = encrypted(connectionsWith("secret", { trustedCertificates: PEM }));
    const { spring, platform } = read(connections, "/etc/ca.crt");
    assert.equal(spring.ssl.bundle.pem.platform.truststore.certificate, PEM);
    assert.deepEqual(spring.data.redis.ssl, { enabled: true, bundle: "platform" });
    assert.deepEqual(spring.kafka.ssl, { bundle: "platform" });
    const driver = { sslrootcert: "/etc/ca.crt" };
    assert.deepEqual(spring.datasource.hikari["data-source-properties"], driver);
    assert.deepEqual(platform["database-readonly"]["data-source-properties"], driver);
  });

  it("trusts the system's authorities where the stack has none", () => {
    const { spring } = read(encrypted(connectionsWith("secret")));
    assert.equal(spring.ssl, undefined);
    assert.deepEqual(spring.data.redis.ssl, { enabled: true });
    assert.equal(spring.kafka.ssl, undefined);
    assert.deepEqual(spring.datasource.hikari["data-source-properties"], {
      sslfactory: "org.postgresql.ssl.DefaultJavaSSLFactory",
    });
  });
});
