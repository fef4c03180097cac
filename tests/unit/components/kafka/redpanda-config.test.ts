import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { parse } from "yaml";

import {
  bootstrapYaml,
  brokerProbe,
  consoleYaml,
  redpandaYaml,
} from "../../../../components/kafka/redpanda-config";

/** A folder that is not there: it cannot be made. */
const STARTED = "/nonexistent/started";

describe("Redpanda's configuration", () => {
  it("asks for SASL on both Kafka listeners, and advertises each where its clients reach it", () => {
    const text = redpandaYaml({
      hostname: "edu-redpanda",
      externalHost: "localhost",
      externalPort: 29_092,
      tls: false,
    });
    const address = "0.0.0.0";
    const { redpanda, schema_registry: registry } = parse(text);
    assert.deepStrictEqual(redpanda.kafka_api, [
      { name: "internal", address, port: 9092, authentication_method: "sasl" },
      { name: "external", address, port: 19092, authentication_method: "sasl" },
    ]);
    assert.deepStrictEqual(redpanda.advertised_kafka_api, [
      { name: "internal", address: "edu-redpanda", port: 9092 },
      { name: "external", address: "localhost", port: 29092 },
    ]);
    assert.deepStrictEqual(redpanda.rpc_server, { address: "127.0.0.1", port: 33_145 });
    assert.deepStrictEqual(redpanda.admin, [{ address, port: 9644 }]);
    assert.deepStrictEqual(registry.schema_registry_api, [
      { name: "main", address, port: 8081, authentication_method: "http_basic" },
    ]);
  });

  it("with TLS encrypts every endpoint except those of the health check, which only the container reaches", () => {
    const {
      redpanda,
      schema_registry: registry,
      ...rest
    } = parse(
      redpandaYaml({ hostname: "a", externalHost: "localhost", externalPort: 19_092, tls: true }),
    );
    const encrypted = (name: string) => ({
      name,
      enabled: true,
      cert_file: "/etc/platform/tls/tls.crt",
      key_file: "/etc/platform/tls/tls.key",
      truststore_file: "/etc/platform/tls/ca.crt",
      require_client_auth: false,
    });
    assert.deepStrictEqual(redpanda.kafka_api_tls, [encrypted("internal"), encrypted("external")]);
    assert.deepStrictEqual(redpanda.admin_api_tls, [encrypted("main")]);
    assert.deepStrictEqual(registry.schema_registry_api_tls, [encrypted("main")]);
    for (const endpoints of [redpanda.admin, registry.schema_registry_api]) {
      const clear = endpoints.filter(({ name }: { name: string }) => name !== "main");
      assert.deepStrictEqual(
        clear.map(({ name, address }: { name: string; address: string }) => [name, address]),
        [["probe", "127.0.0.1"]],
      );
    }
    assert.deepStrictEqual(rest.schema_registry_client, {
      brokers: [{ address: "a", port: 9092 }],
      broker_tls: { enabled: true, truststore_file: "/etc/platform/tls/ca.crt" },
    });
  });

  it("starts a cluster of one broker, on the volume", () => {
    const { redpanda } = parse(
      redpandaYaml({ hostname: "a", externalHost: "localhost", externalPort: 19_092, tls: false }),
    );
    assert.strictEqual(redpanda.empty_seed_starts_cluster, true);
    assert.deepStrictEqual(redpanda.seed_servers, []);
    assert.strictEqual(redpanda.data_directory, "/var/lib/redpanda/data");
    assert.ok(!("node_id" in redpanda), "the broker numbers itself");
  });

  describe("of one of several brokers", () => {
    const cluster = ["a", "a-2", "a-3"];
    const of = (hostname: string, tls = false) =>
      parse(
        redpandaYaml({
          ...{ hostname, externalHost: "localhost", externalPort: 19_092, tls, cluster },
          registry: hostname === "a",
        }),
      );

    it("names all of them on each, so that one without data joins the others and founds no cluster", () => {
      for (const hostname of cluster) {
        const { redpanda } = of(hostname);
        assert.strictEqual(redpanda.empty_seed_starts_cluster, false);
        assert.deepStrictEqual(
          redpanda.seed_servers,
          cluster.map((address) => ({ host: { address, port: 33_145 } })),
        );
        // Redpanda finds itself in the list by this address.
        assert.deepStrictEqual(redpanda.advertised_rpc_api, { address: hostname, port: 33_145 });
        assert.deepStrictEqual(redpanda.rpc_server, { address: "0.0.0.0", port: 33_145 });
        assert.ok(!("node_id" in redpanda), "the cluster numbers its brokers");
      }
    });

    it("asks the other brokers for a certificate where connections are encrypted", () => {
      assert.ok(!("rpc_server_tls" in of("a").redpanda));
      assert.deepStrictEqual(of("a-2", true).redpanda.rpc_server_tls, {
        enabled: true,
        cert_file: "/etc/platform/tls/tls.crt",
        key_file: "/etc/platform/tls/tls.key",
        truststore_file: "/etc/platform/tls/ca.crt",
        require_client_auth: true,
      });
    });

    it("has a schema registry on the first one alone, which alone the probe asks", () => {
      assert.ok("schema_registry" in of("a", true));
      const rest = of("a-2", true);
      assert.ok(!("schema_registry" in rest) && !("schema_registry_client" in rest));
      assert.match(brokerProbe(false, true, STARTED)[2], /ok 8081/);
      assert.doesNotMatch(brokerProbe(false, false, STARTED)[2], /8081/);
    });
  });

  it("of the first start replaces defaults for production, and writes no setting of topics", () => {
    assert.deepStrictEqual(parse(bootstrapYaml(1)), {
      superusers: ["platform-admin"],
      kafka_enable_authorization: true,
      admin_api_require_auth: true,
      auto_create_topics_enabled: false,
      default_topic_replications: 1,
      storage_min_free_bytes: 10 * 1024 * 1024,
      group_initial_rebalance_delay: 0,
      group_topic_partitions: 3,
    });
  });
});

describe("the probe of the broker", () => {
  const [shell, flag, script] = brokerProbe(false, true, STARTED);

  it("is a script that bash can read", () => {
    assert.deepStrictEqual([shell, flag], ["bash", "-c"]);
    const { status, stderr } = spawnSync("bash", ["-n", "-c", script], { encoding: "utf8" });
    assert.strictEqual(status, 0, stderr);
  });

  it("fails if nothing listens", () => {
    // Ports that no test and no service takes: the script's own, moved to 1, 2 and 3.
    const moved = script.replace("9644", "1").replace("8081", "2").replace("9092", "3");
    assert.notStrictEqual(moved, script);
    assert.notStrictEqual(spawnSync("bash", ["-c", moved]).status, 0);
  });

  it("fails while the admin API boots, although it answers 200, and creates a file once it succeeds", async () => {
    let status = "booting";
    const servers = [9644, 8081, 9092].map((port) => ({
      port,
      server: createServer((_, response) => response.end(JSON.stringify({ status }))),
    }));
    const folder = mkdtempSync(join(tmpdir(), "broker-health-"));
    const started = join(folder, "started");
    try {
      let moved = brokerProbe(false, true, started)[2];
      for (const { port, server } of servers) {
        await once(server.listen(0, "127.0.0.1"), "listening");
        moved = moved.replace(`${port}`, String((server.address() as AddressInfo).port));
      }
      const probe = async () => {
        const [code] = await once(spawn("bash", ["-c", moved]), "exit");
        return code;
      };
      assert.notStrictEqual(await probe(), 0);
      assert.ok(!existsSync(started));
      status = "ready";
      assert.strictEqual(await probe(), 0);
      assert.ok(existsSync(started));
      assert.strictEqual(await probe(), 0);
    } finally {
      servers.forEach(({ server }) => server.close());
      rmSync(folder, { recursive: true });
    }
  });

  it("with TLS uses the unencrypted ports of the health check", () => {
    const { redpanda, schema_registry: registry } = parse(
      redpandaYaml({ hostname: "a", externalHost: "localhost", externalPort: 19_092, tls: true }),
    );
    const probes = [redpanda.admin, registry.schema_registry_api].map(
      (endpoints: { name: string; port: number }[]) =>
        endpoints.find(({ name }) => name === "probe")!.port,
    );
    const asked = [...brokerProbe(true, true, STARTED)[2].matchAll(/ok (\d+)/g)].map(
      ([, port]) => +port,
    );
    assert.deepStrictEqual(asked, probes);
  });
});

describe("the console's configuration", () => {
  it("preserves a password with special characters of YAML", () => {
    const password = `a: "b" #c'`;
    const text = consoleYaml({
      brokers: ["edu-redpanda:9092"],
      schemaRegistryUrl: "http://edu-redpanda:8081",
      mechanism: "SCRAM-SHA-256",
      username: "platform-console",
      password,
    });
    const { kafka, schemaRegistry } = parse(text);
    assert.strictEqual(kafka.sasl.password, password);
    assert.strictEqual(schemaRegistry.authentication.basic.password, password);
  });

  it("trusts the given authorities, or those of the system, on each connection that is encrypted", () => {
    const of = (tls: { caFile?: string } | undefined, schemaRegistryUrl: string) => {
      const { kafka, schemaRegistry } = parse(
        consoleYaml({
          brokers: ["a:9092"],
          schemaRegistryUrl,
          mechanism: "SCRAM-SHA-256",
          username: "c",
          password: "d",
          tls,
        }),
      );
      return [kafka.tls, schemaRegistry.tls];
    };
    const caFile = "/etc/platform/tls/ca.crt";
    const given = { enabled: true, caFilepath: caFile };
    const system = { enabled: true };
    assert.deepStrictEqual(of({ caFile }, "https://b"), [given, given]);
    assert.deepStrictEqual(of({}, "https://b"), [system, system]);
    assert.deepStrictEqual(of(undefined, "http://b"), [undefined, undefined]);
    assert.deepStrictEqual(of({}, "http://b"), [system, undefined]);
    assert.deepStrictEqual(of(undefined, "https://b"), [undefined, system]);
  });
});
