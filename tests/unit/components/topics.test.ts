import assert from "node:assert/strict";

import { SERVICES, TOPIC_USE, TOPICS } from "../../support/contract";
import { generatedPassword, type Recorded, TYPES } from "../support/mocks";
import { devProgram, loading } from "../support/program";

const DAY_MS = 86_400_000;
const USERS = [...SERVICES, "platform-ops", "platform-console"];

/** Every right on the broker in the stack dev, one line each. */
const RIGHTS = [
  ...Object.entries(TOPIC_USE).flatMap(([principal, { writes, reads }]) => [
    ...writes.map((topic) => `${principal} Write Topic Literal ${topic}`),
    ...reads.map((topic) => `${principal} Read Topic Literal ${topic}`),
    `${principal} Read Group Prefixed ${principal}.`,
  ]),
  // The stack's own topic is anybody's.
  ...SERVICES.flatMap((service) => [
    `${service} Write Topic Literal test-topic`,
    `${service} Read Topic Literal test-topic`,
  ]),
  // Whoever opens the console's page acts as its user: it looks, and changes nothing.
  "platform-console Read Topic Literal *",
  "platform-console DescribeConfigs Topic Literal *",
  "platform-console Describe Group Literal *",
  "platform-console Describe Cluster Literal kafka-cluster",
  "platform-console DescribeConfigs Cluster Literal kafka-cluster",
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

  it("and users and rights are made by the broker's administrator, and go with its data", () => {
    const types = [TYPES.topic, TYPES.acl, TYPES.kafkaUser];
    for (const { key, provider, deletedWith } of types.flatMap((type) => recorded.all(type))) {
      assert.strictEqual(provider, `${TYPES.kafkaProvider}::redpanda-provider`, key);
      assert.strictEqual(deletedWith, `${TYPES.volume}::redpanda-data`, key);
    }
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

  it("are written and read by those of the contract, who have no other right", () => {
    const lines = recorded.all(TYPES.acl).map(({ inputs }) => {
      const principal = String(inputs.aclPrincipal).replace(/^User:/, "");
      const { aclOperation, aclResourceType, resourcePatternTypeFilter, aclResourceName } = inputs;
      return `${principal} ${aclOperation} ${aclResourceType} ${resourcePatternTypeFilter} ${aclResourceName}`;
    });
    assert.deepStrictEqual(lines.sort(), [...RIGHTS].sort());
  });

  it("are opened to users from any host, and closed to none by a denial", () => {
    for (const { key, inputs } of recorded.all(TYPES.acl)) {
      const { aclHost, aclPermissionType, aclPrincipal } = inputs;
      assert.deepStrictEqual([aclHost, aclPermissionType], ["*", "Allow"], key);
      assert.match(aclPrincipal, /^User:/);
    }
  });
});
