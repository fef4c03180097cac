import assert from "node:assert/strict";

import * as kafka from "@pulumi/kafka";
import * as pulumi from "@pulumi/pulumi";

import { CONSOLE_USER, KAFKA_USERS } from "../../../../catalog/acls";
import type { TopicDefinition } from "../../../../catalog/topics";
import { EventTopics, type EventTopicsArgs } from "../../../../components/kafka/event-topics";
import { ExistingKafka } from "../../../../components/kafka/existing-kafka";
import type { KafkaCluster } from "../../../../components/kafka/kafka-cluster";
import { type Recorded, recordResources, resolved, settled, TYPES } from "../../support/mocks";
import { PROJECT } from "../../support/program";

const TOPICS: Record<string, TopicDefinition> = {
  orders: {
    ...{ partitions: 6, retentionDays: 2, compression: "snappy" },
    ...{ writers: ["user-service"], readers: ["content-service"] },
  },
};
const OWN_RIGHTS = "events-administrator-rights";
const PROTECTION = { protect: false, allowDataLoss: [] };

const given = Object.fromEntries(
  KAFKA_USERS.map((user) => [
    user,
    { username: `key-of-${user}`, principal: `sa-${user}`, password: pulumi.secret("given") },
  ]),
);

/** The resources of EventTopics on a cluster that the stack did not start. */
async function resources(
  cluster: Partial<KafkaCluster> = {},
  args: Partial<EventTopicsArgs> = {},
  superuser = false,
): Promise<{ recorded: Recorded; topics: EventTopics }> {
  const recorded = recordResources(PROJECT, "pr-7");
  const topics = new EventTopics("events", {
    cluster: {
      ...{ bootstrapServers: "b1.example:9092", internalBootstrapServers: "b1.example:9092" },
      schemaRegistry: undefined,
      administrator: { username: "admin", password: pulumi.secret("pw") },
      capabilities: {
        ...{ saslMechanism: "SCRAM-SHA-512", superuser, replicationFactor: 3 },
        fixedTopicSettings: [],
      },
      createProvider: () => new kafka.Provider("found", { bootstrapServers: ["b1.example:9092"] }),
      ...cluster,
    },
    ...{ topics: TOPICS, users: KAFKA_USERS, protection: PROTECTION },
    ...args,
  });
  await settled();
  return { recorded, topics };
}

describe("topics, users and rights on a cluster that exists", function () {
  this.timeout(30_000);

  it("wait for the administrator's own rights where it is no superuser; these stay when the stack goes", async () => {
    const { recorded } = await resources({}, { firstUser: CONSOLE_USER });
    const own = recorded.only(TYPES.rights, OWN_RIGHTS);
    assert.deepStrictEqual(
      [own.inputs.principal, own.inputs.rights, own.inputs.atLeast, own.inputs.deletesGroups],
      [
        "admin",
        {
          ...{ "All cluster kafka-cluster": "allow", "All group *": "allow" },
          ...{ "All topic *": "allow", "All transactional id *": "allow" },
        },
        ...[true, undefined],
      ],
    );
    assert.strictEqual(own.retainOnDelete, true);
    const first = recorded.only(TYPES.kafkaUser, `events-${CONSOLE_USER}`);
    assert.ok(first.dependsOn.includes(own.key));
    const others = [TYPES.topic, TYPES.kafkaUser, TYPES.rights]
      .flatMap((type) => recorded.all(type))
      .filter(({ key }) => ![own.key, first.key].includes(key));
    assert.strictEqual(others.length, 1 + (KAFKA_USERS.length - 1) + KAFKA_USERS.length);
    for (const { key, dependsOn, retainOnDelete } of others) {
      assert.ok(dependsOn.includes(first.key), key);
      assert.strictEqual(retainOnDelete, false, key);
    }
  });

  it("need no such rights where the administrator is a superuser", async () => {
    const { recorded } = await resources({}, {}, true);
    assert.deepStrictEqual(
      recorded.all(TYPES.rights).map(({ name }) => name),
      KAFKA_USERS.map((user) => `events-${user}-rights`).sort(),
    );
  });

  it("have names that begin with the stack's, and so have the names in rights", async () => {
    const { recorded, topics } = await resources({}, { prefix: "pr-7" });
    assert.deepStrictEqual(topics.topicNames, ["pr-7-orders"]);
    assert.strictEqual(recorded.only(TYPES.topic, "events-orders").inputs.name, "pr-7-orders");
    for (const user of KAFKA_USERS) {
      const { username } = recorded.only(TYPES.kafkaUser, `events-${user}`).inputs;
      const { inputs } = recorded.only(TYPES.rights, `events-${user}-rights`);
      assert.deepStrictEqual([username, inputs.principal], [`pr-7-${user}`, `pr-7-${user}`]);
      for (const right of Object.keys(inputs.rights as object)) {
        assert.match(right, / (pr-7-|kafka-cluster$)/);
      }
    }
    const { rights } = recorded.only(TYPES.rights, "events-user-service-rights").inputs;
    assert.ok("Write topic pr-7-orders" in (rights as object));
    assert.ok("Read group pr-7-user-service.*" in (rights as object));
  });

  it("log in as the users that are given, whose principals get the rights; none is created", async () => {
    const { recorded, topics } = await resources({ users: given });
    assert.deepStrictEqual([recorded.all(TYPES.kafkaUser), recorded.all(TYPES.password)], [[], []]);
    assert.strictEqual(topics.users["user-service"].username, "key-of-user-service");
    assert.strictEqual(topics.made["user-service"], undefined);
    for (const user of KAFKA_USERS) {
      const { inputs } = recorded.only(TYPES.rights, `events-${user}-rights`);
      assert.deepStrictEqual([inputs.principal, inputs.atLeast], [`sa-${user}`, undefined]);
    }
  });

  it("leave given users the rights of other stacks that share the cluster", async () => {
    const { recorded } = await resources({ users: given }, { prefix: "pr-7" });
    assert.ok(recorded.all(TYPES.rights).every(({ inputs }) => inputs.atLeast === true));
  });

  const groups: [title: string, goes: boolean, args: Partial<EventTopicsArgs>, kept?: boolean][] = [
    [
      "of an unprotected stack that shares the cluster go with its rights",
      true,
      { prefix: "pr-7" },
    ],
    ["of a stack that has the cluster for itself stay", false, {}],
    [
      "of a protected stack stay",
      false,
      { prefix: "pr-7", protection: { protect: true, allowDataLoss: [] } },
    ],
    ["go by themselves where the cluster goes with the stack", false, { prefix: "pr-7" }, true],
  ];
  for (const [title, goes, args, isOwn] of groups) {
    it(`consumer groups ${title}`, async () => {
      const lifetime = isOwn
        ? { lifetime: new kafka.Provider("volume", { bootstrapServers: [] }) }
        : {};
      const { recorded } = await resources(lifetime, args);
      const found = recorded
        .all(TYPES.rights)
        .filter(({ inputs }) => "deletesGroups" in inputs)
        .map(({ inputs }) => inputs.principal);
      const expected = KAFKA_USERS.filter((user) => user !== CONSOLE_USER);
      assert.deepStrictEqual(found, goes ? expected.map((user) => `pr-7-${user}`).sort() : []);
    });
  }
});

describe("the provider of a cluster that exists", function () {
  this.timeout(30_000);

  const ARGS = {
    ...{ bootstrapServers: ["b1.example:9092", "b2.example:9092"], username: "admin" },
    ...{ password: "pw", superuser: false, replicationFactor: 3, fixedTopicSettings: [] },
  };
  const cases: [mechanism: "SCRAM-SHA-256" | "SCRAM-SHA-512" | "PLAIN", name: string][] = [
    ["SCRAM-SHA-256", "scram-sha256"],
    ["SCRAM-SHA-512", "scram-sha512"],
    ["PLAIN", "plain"],
  ];
  for (const [saslMechanism, name] of cases) {
    it(`logs in by ${saslMechanism}, and trusts the system where no authority is given`, async () => {
      const recorded = recordResources(PROJECT, "pr-7");
      for (const [at, trusted] of [undefined, "system", "PEM"].entries()) {
        new ExistingKafka(`k${at}`, { ...ARGS, saslMechanism, trusted }).createProvider([]);
      }
      await settled();
      const settings = recorded.all(TYPES.kafkaProvider).map(({ inputs }) => inputs);
      assert.deepStrictEqual(
        settings.map(({ saslMechanism, tlsEnabled, caCert }) => [
          saslMechanism,
          tlsEnabled,
          caCert,
        ]),
        [
          [name, "false", undefined],
          [name, "true", undefined],
          [name, "true", "PEM"],
        ],
      );
    });
  }

  it("hands on given users with the principals that rights name", async () => {
    recordResources(PROJECT, "pr-7");
    const { users } = new ExistingKafka("k", {
      ...{ ...ARGS, saslMechanism: "PLAIN" },
      users: {
        "user-service": { username: "key", password: "secret", principal: "sa-1" },
        "content-service": { username: "other", password: "secret" },
      },
    });
    assert.deepStrictEqual(
      Object.values(users!).map(({ username, principal }) => [username, principal]),
      [
        ["key", "sa-1"],
        ["other", "other"],
      ],
    );
    assert.deepStrictEqual(await resolved(users!["user-service"].password), {
      ...{ value: "secret", secret: true },
    });
  });
});
