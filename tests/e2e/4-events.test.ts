import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  ConfigResourceTypes,
  ConfigSource,
  ResourcePatternTypes,
} from "kafkajs";
import { parse } from "yaml";

import { loadKafka } from "../../client/src/events/kafka-library";
import { EVENT_TYPES, TOPICS as CONTRACT_TOPICS } from "../support/contract";
import { inRegistry } from "./support/administrators";
import { kafkaAs } from "./support/clients";
import { docker } from "./support/docker";
import { platform } from "./support/hooks";
import { until } from "./support/running";

import "../support/with-resolvers";

const DAY_MS = 86_400_000;

/** Partitions, days of retention and codec by topic. Stack `dev` has one more topic than other stacks. */
const TOPICS = { ...CONTRACT_TOPICS, "test-topic": [3, 1, "snappy"] };

const loginOf = (service: string) => platform().outputs.services[service].kafka;
const as = (service: string) => kafkaAs(loginOf(service).bootstrapServers, loginOf(service));
const administrator = () =>
  kafkaAs("localhost:19092", platform().outputs.administrators.kafka).admin();

describe("The broker of stack dev", () => {
  it("has the specified topics with their partitions, retention and compression", async () => {
    const admin = administrator();
    await admin.connect();
    try {
      const { topics } = await admin.fetchTopicMetadata();
      const own = topics.filter(({ name }) => !name.startsWith("_"));
      const { resources } = await admin.describeConfigs({
        includeSynonyms: false,
        resources: own.map(({ name }) => ({ type: ConfigResourceTypes.TOPIC, name })),
      });
      const found = own.map(({ name, partitions }) => {
        const entries = resources.find(({ resourceName }) => resourceName === name)!.configEntries;
        const value = (key: string) =>
          entries.find(({ configName }) => configName === key)!.configValue;
        assert.equal(value("cleanup.policy"), "delete");
        return [
          name,
          [partitions.length, Number(value("retention.ms")) / DAY_MS, value("compression.type")],
        ];
      });
      assert.deepEqual(Object.fromEntries(found), TOPICS);
    } finally {
      await admin.disconnect();
    }
  });

  it("delivers a message from one service to another through the host's port", async () => {
    const text = `e2e ${process.pid} ${Date.now()}`;
    const producer = as("user-service").producer();
    const consumer = as("agent-orchestrator").consumer({ groupId: "agent-orchestrator.e2e" });
    await producer.connect();
    await consumer.connect();
    try {
      await consumer.subscribe({ topic: "user-events", fromBeginning: true });
      const received = new Promise<void>((resolve) => {
        void consumer.run({
          eachMessage: async ({ message }) => {
            if (message.value?.toString() === text) {
              resolve();
            }
          },
        });
      });
      await producer.send({ topic: "user-events", messages: [{ key: "e2e", value: text }] });
      await received;
    } finally {
      await consumer.disconnect();
      await producer.disconnect();
    }
  });

  it("lets each service and the operators log in with their own user", async () => {
    const { services, administrators } = platform().outputs;
    const logins = [
      ...Object.values(services).map(({ kafka }) => kafka),
      administrators.kafkaOperator,
    ];
    assert.equal(new Set(logins.map(({ username }) => username)).size, 5);
    for (const login of logins) {
      const admin = kafkaAs("localhost:19092", login).admin();
      await admin.connect();
      await admin.fetchTopicMetadata();
      await admin.disconnect();
    }
  });

  it("does not create a topic because of a typing error", async () => {
    // The administrator has all rights, so only the setting can prevent it.
    const client = kafkaAs("localhost:19092", platform().outputs.administrators.kafka);
    const producer = client.producer({ allowAutoTopicCreation: true });
    const admin = client.admin();
    await Promise.all([producer.connect(), admin.connect()]);
    try {
      await assert.rejects(producer.send({ topic: "user-event", messages: [{ value: "typo" }] }));
      assert.ok(!(await admin.listTopics()).includes("user-event"));
    } finally {
      await Promise.all([producer.disconnect(), admin.disconnect()]);
    }
  });

  it("answers at the schema registry, which requires a login, and at the admin API", async () => {
    const { url, username, password } = platform().outputs.services["user-service"].schemaRegistry!;
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
    assert.equal((await fetch(`${url}/subjects`)).status, 401);
    const subjects = await fetch(`${url}/subjects`, { headers: { authorization } });
    assert.equal(subjects.status, 200);
    const types = EVENT_TYPES.map((type) => `${type.split(".")[0]}-events-${type}`);
    assert.deepEqual(((await subjects.json()) as string[]).sort(), types.sort());
    const { address } = platform().outputs.accessPoints.redpandaAdmin;
    assert.equal((await fetch(`${address}/v1/status/ready`)).status, 200);
  });

  it("refuses a schema that breaks readers of the one before, and takes a property more", async () => {
    const registry = inRegistry();
    const subject = "content-events-content.archived.v1";
    assert.equal(await registry.level(subject), "FORWARD_TRANSITIVE");
    const schema = (await registry.schema(subject, 1)) as {
      properties: object;
      required: string[];
    };
    const { properties, required } = schema;
    const optional = { ...properties, more: { type: "string" } };
    assert.deepEqual(
      await registry.incompatibilities(
        subject,
        JSON.stringify({ ...schema, properties: optional }),
      ),
      [],
    );
    for (const breaking of [
      { ...schema, required: required.slice(1) },
      { ...schema, properties: { ...properties, contentId: { type: "integer" } } },
    ]) {
      const text = JSON.stringify(breaking);
      assert.notDeepEqual(await registry.incompatibilities(subject, text), []);
      await assert.rejects(registry.register(subject, text), { status: 409 });
    }
    assert.deepEqual(await registry.versions(subject), [1]);
  });

  it("runs with a configuration that rpk rewrote, and does not bypass fsync", async () => {
    const { container } = platform().outputs.accessPoints.kafka;
    const text = await docker("exec", container, "cat", "/etc/redpanda/redpanda.yaml");
    assert.equal(parse(text).redpanda.developer_mode, true);
    const processes = await docker("exec", container, "sh", "-c", "cat /proc/[0-9]*/cmdline; true");
    assert.match(processes.replaceAll("\0", " "), /--unsafe-bypass-fsync[= ]false\b/);
  });

  it("reports only the topic settings that the program sets", async () => {
    const admin = administrator();
    await admin.connect();
    try {
      const { resources } = await admin.describeConfigs({
        includeSynonyms: false,
        resources: Object.keys(TOPICS).map((name) => ({ type: ConfigResourceTypes.TOPIC, name })),
      });
      for (const { resourceName, configEntries } of resources) {
        const own = configEntries.filter(
          ({ configSource }) => configSource === ConfigSource.TOPIC_CONFIG,
        );
        assert.deepEqual(
          own.map(({ configName }) => configName).sort(),
          ["cleanup.policy", "compression.type", "retention.ms"],
          resourceName,
        );
        assert.ok(configEntries.some(({ configName }) => configName === "write.caching"));
      }
    } finally {
      await admin.disconnect();
    }
  });

  it("refuses rights on delegation tokens, unlike Kafka", async () => {
    const admin = administrator();
    await admin.connect();
    try {
      const listing = admin.describeAcls({
        resourceType: AclResourceTypes.DELEGATION_TOKEN,
        resourcePatternType: ResourcePatternTypes.ANY,
        operation: AclOperationTypes.ANY,
        permissionType: AclPermissionTypes.ANY,
      });
      await assert.rejects(listing, { type: "INVALID_REQUEST" });
    } finally {
      await admin.disconnect();
    }
  });

  it("is shown by the Console with its topics", async () => {
    const { address } = platform().outputs.accessPoints.console;
    assert.equal((await fetch(address)).status, 200);
    const response = await fetch(`${address}/api/topics`);
    const { topics } = (await response.json()) as { topics: { topicName: string }[] };
    const names = topics.map(({ topicName }) => topicName);
    assert.deepEqual(
      Object.keys(TOPICS).filter((topic) => !names.includes(topic)),
      [],
    );
  });

  it("keeps its leaders when it stands still for a while, as on a machine with too much to do", async () => {
    // Apache Kafka takes such a broker for lost: its partitions get new leaders, and meanwhile no topic can be created.
    const { container } = platform().outputs.accessPoints.kafka;
    const { Admin } = await loadKafka();
    const { username, password } = platform().outputs.administrators.kafka;
    const admin = new Admin({
      clientId: "leaders",
      bootstrapBrokers: ["localhost:19092"],
      sasl: { mechanism: "SCRAM-SHA-256", username, password },
    });
    const epochs = async () => {
      const { topics } = await admin.metadata({ topics: ["user-events"], forceUpdate: true });
      return topics.get("user-events")?.partitions.map(({ leaderEpoch }) => leaderEpoch);
    };
    try {
      const before = await epochs();
      assert.equal(before?.length, CONTRACT_TOPICS["user-events"][0]);
      await docker("pause", container);
      await sleep(4_000);
      await docker("unpause", container);
      await sleep(1_000);
      assert.deepEqual(await epochs(), before);
    } finally {
      await admin.close();
    }
  });

  it("has the administrator's password in no process after a restart", async () => {
    const { container } = platform().outputs.accessPoints.kafka;
    const { username, password } = platform().outputs.administrators.kafka;
    const environments = () =>
      docker("exec", container, "sh", "-c", "cat /proc/[0-9]*/environ | tr '\\0' '\\n'");
    await docker("restart", container);
    await until(async () => {
      const format = "{{.State.Health.Status}}";
      return (await docker("inspect", "--format", format, container)) === "healthy";
    });
    const found = await environments();
    assert.match(found, /^PATH=/m);
    assert.ok(!found.includes(password), "the password is in an environment");
    const admin = kafkaAs("localhost:19092", { username, password }).admin();
    await admin.connect();
    await admin.disconnect();
  });
});
