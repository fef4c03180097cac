import assert from "node:assert/strict";

import type { Rights } from "../../../../catalog/right-lines";
import { SERVICES, TOPIC_USE, TOPICS } from "../../../support/contract";
import { generatedPassword, type Recorded, TYPES } from "../../support/mocks";
import { devProgram, loading } from "../../support/program";

const DAY_MS = 86_400_000;
const USERS = [...SERVICES, "platform-ops", "platform-console"];

/** Every right on the broker in the stack dev, one line each. */
const RIGHTS = [
  ...Object.entries(TOPIC_USE).flatMap(([principal, { writes, reads }]) => [
    ...writes.map((topic) => `${principal}: Write topic ${topic}`),
    ...reads.map((topic) => `${principal}: Read topic ${topic}`),
    ...[...new Set([...writes, ...reads])].map(
      (topic) => `${principal}: DescribeConfigs topic ${topic}`,
    ),
    ...[
      "Read group",
      "Delete group",
      "Write transactional id",
      "Describe transactional id",
    ].flatMap((right) =>
      [principal, `${principal}.*`, `${principal}-*`].map(
        (name) => `${principal}: ${right} ${name}`,
      ),
    ),
  ]),
  // The stack's own topic is anybody's.
  ...SERVICES.flatMap((service) => [
    `${service}: Write topic test-topic`,
    `${service}: Read topic test-topic`,
    `${service}: DescribeConfigs topic test-topic`,
  ]),
  // Whoever opens the console's page acts as its user: it looks, and changes nothing.
  "platform-console: Read topic *",
  "platform-console: DescribeConfigs topic *",
  "platform-console: Describe group *",
  "platform-console: Describe cluster kafka-cluster",
  "platform-console: DescribeConfigs cluster kafka-cluster",
];

describe("topics", () => {
  let recorded: Recorded;
  before(loading(async () => ({ recorded } = await devProgram())));

  it("are the contract's fifteen and dev's test-topic, each with its partitions, retention and codec", () => {
    const topics = recorded.all(TYPES.topic).map(({ name, inputs }) => [name, inputs]);
    const expected = { ...TOPICS, "test-topic": [3, 1, "snappy"] as const };
    assert.deepStrictEqual(
      Object.fromEntries(topics),
      Object.fromEntries(
        Object.entries(expected).map(([name, [partitions, days, codec]]) => [
          `events-${name}`,
          {
            name,
            partitions,
            replicationFactor: 1,
            config: {
              "cleanup.policy": "delete",
              "retention.ms": String(days * DAY_MS),
              "compression.type": codec,
            },
          },
        ]),
      ),
    );
  });

  it("and users and rights are created by the broker's administrator, and deleted with its data", () => {
    const byPlugin = [TYPES.topic, TYPES.kafkaUser].flatMap((type) => recorded.all(type));
    for (const { key, provider } of byPlugin) {
      assert.strictEqual(provider, `${TYPES.kafkaProvider}::redpanda-provider`, key);
    }
    const rights = recorded.all(TYPES.rights);
    for (const { key, inputs, secretInputs } of rights) {
      const { bootstrapServers, adminUsername, adminPassword } = inputs;
      assert.deepStrictEqual(
        [bootstrapServers, adminUsername, adminPassword],
        ["localhost:19092", "platform-admin", generatedPassword("redpanda-password")],
        key,
      );
      assert.ok(secretInputs.includes("adminPassword"), key);
    }
    for (const { key, deletedWith } of [...byPlugin, ...rights]) {
      assert.strictEqual(deletedWith, `${TYPES.volume}::redpanda-data`, key);
    }
  });

  it("and users and rights wait for the user of the console, and that one for the broker alone", () => {
    const console = `${TYPES.kafkaUser}::events-platform-console`;
    const all = [TYPES.topic, TYPES.kafkaUser, TYPES.rights].flatMap((type) => recorded.all(type));
    for (const { key, dependsOn } of all.filter((resource) => resource.key !== console)) {
      assert.ok(dependsOn.includes(console), key);
    }
    const first = recorded.only(TYPES.kafkaUser, "events-platform-console").dependsOn;
    const passwords = first.filter((key) => key.startsWith(TYPES.password));
    assert.deepStrictEqual(
      first.filter((key) => !passwords.includes(key)),
      [`${TYPES.container}::redpanda-container`],
    );
  });

  it("have a SCRAM user for each service, the operators and the console, with a secret password", () => {
    const users = recorded.all(TYPES.kafkaUser);
    assert.deepStrictEqual(
      Object.fromEntries(users.map(({ inputs }) => [inputs.username, inputs])),
      Object.fromEntries(
        USERS.map((username) => [
          username,
          {
            username,
            scramMechanism: "SCRAM-SHA-256",
            scramIterations: 4096,
            password: generatedPassword(`events-${username}-password`),
          },
        ]),
      ),
    );
    for (const { secretInputs } of users) {
      assert.deepStrictEqual(secretInputs, ["password"]);
    }
  });

  it("are written and read by the principals of the contract, which have no other right", () => {
    const lines = recorded
      .all(TYPES.rights)
      .flatMap(({ inputs: { principal, rights } }) =>
        Object.keys(rights as Rights).map((line) => `${principal}: ${line}`),
      );
    assert.deepStrictEqual(lines.sort(), [...RIGHTS].sort());
  });

  it("are open to users from any host, without any denial", () => {
    const users = recorded.all(TYPES.rights).map(({ inputs: { principal, rights } }) => {
      const values = Object.values(rights as Rights);
      assert.deepStrictEqual([...new Set(values)], ["allow"], principal);
      return principal as string;
    });
    assert.deepStrictEqual(users.sort(), [...USERS].sort());
  });
});
