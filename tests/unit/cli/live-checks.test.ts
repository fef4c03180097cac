import assert from "node:assert/strict";

import { compareBroker } from "../../../cli/live-broker";
import {
  contradictedUrns,
  contradictionFaults,
  contradictionLines,
  contradictions,
} from "../../../cli/live-checks";
import { userDifferences } from "../../../cli/live-redis";
import type { Plan } from "../../../cli/plan";
import type { KnownResource } from "../../../cli/state";
import { aclsOf } from "../../../components/kafka/kafka-acls";
import type { KafkaTopic } from "../../../components/kafka/kafka-client";
import { FakeBroker } from "../support/kafka";
import { TYPES } from "../support/mocks";
import { closedPort } from "../support/ports";

const resource = (
  type: string,
  name: string,
  inputs: Record<string, unknown>,
  outputs = inputs,
): KnownResource => ({ urn: `urn:${name}`, type, inputs, outputs });

const CONFIG = { "retention.ms": "2592000000", "cleanup.policy": "delete" };
const topic = resource(TYPES.topic, "topic", {
  name: "user-events",
  partitions: 3,
  config: CONFIG,
});
const user = resource(TYPES.kafkaUser, "user", { username: "user-service", password: "right" });
const RIGHTS = { "Read group user-service.*": "allow", "Write topic user-events": "allow" };
const rights = resource(TYPES.rights, "rights", { principal: "user-service", rights: RIGHTS });
const state = [topic, user, rights];

interface Found {
  topics?: Record<string, KafkaTopic>;
  passwords?: Record<string, string>;
  acls?: ReturnType<typeof aclsOf>;
}

/** Sentences about the state above on a broker that has it but for what is given. */
async function sentences(found: Found, resources = state) {
  const broker = new FakeBroker(
    found.acls ?? aclsOf("user-service", RIGHTS),
    found.topics ?? { "user-events": { partitions: 3, config: CONFIG } },
  );
  const passwords = found.passwords ?? { "user-service": "right" };
  const told = await compareBroker(resources, {
    acls: () => broker.acls(),
    topics: (settings) => broker.topics(settings),
    accepts: (username, password) => Promise.resolve(passwords[username] === password),
  });
  return told.map(({ urn, sentence }) => [urn, sentence]);
}

const withConfig = (partitions: number, config: Record<string, string>): Found => ({
  topics: { "user-events": { partitions, config: { ...CONFIG, ...config } } },
});

describe("what somebody changed on the broker", () => {
  it("is nothing where all is as the stack left it, with more that is none of its business", async () => {
    const found: Found = {
      topics: {
        "user-events": { partitions: 3, config: { ...CONFIG, "max.message.bytes": "7" } },
        "somebody-s": { partitions: 1, config: {} },
      },
      acls: [...aclsOf("user-service", RIGHTS), ...aclsOf("somebody", { "All topic *": "allow" })],
    };
    assert.deepStrictEqual(await sentences(found), []);
  });

  const cases: [title: string, found: Found, ...told: [urn: string, sentence: string][]][] = [
    [
      "a topic that is gone",
      { topics: {} },
      ["urn:topic", "topic user-events: missing, with its records; up makes it empty"],
    ],
    [
      "a setting of a topic",
      withConfig(3, { "retention.ms": "1000" }),
      ["urn:topic", "topic user-events: retention.ms is 1000, should be 2592000000"],
    ],
    [
      "all that differs of a topic, line by line",
      withConfig(5, { "retention.ms": "1", "cleanup.policy": "compact" }),
      ["urn:topic", "topic user-events: partitions is 5, should be 3"],
      ["urn:topic", "topic user-events: retention.ms is 1, should be 2592000000"],
      ["urn:topic", "topic user-events: cleanup.policy is compact, should be delete"],
    ],
    [
      "a setting that the broker does not tell",
      { topics: { "user-events": { partitions: 3, config: { "cleanup.policy": "delete" } } } },
      ["urn:topic", "topic user-events: retention.ms is not set, should be 2592000000"],
    ],
    [
      "a user that is gone",
      { passwords: {} },
      [
        "urn:user",
        "broker user user-service: missing, or its password is another than the stack's",
      ],
    ],
    [
      "a user with another password",
      { passwords: { "user-service": "wrong" } },
      [
        "urn:user",
        "broker user user-service: missing, or its password is another than the stack's",
      ],
    ],
    [
      "a right that was taken away",
      { acls: aclsOf("user-service", { "Read group user-service.*": "allow" }) },
      ["urn:rights", "rights of user-service: Write topic user-events is missing"],
    ],
    [
      "a right that was added",
      { acls: aclsOf("user-service", { ...RIGHTS, "All topic *": "allow" }) },
      ["urn:rights", "rights of user-service: All topic * was added (allow)"],
    ],
    [
      "a right that is denied as well",
      { acls: aclsOf("user-service", { ...RIGHTS, "Write topic user-events": "allow, deny" }) },
      [
        "urn:rights",
        "rights of user-service: Write topic user-events is allow, deny, should be allow",
      ],
    ],
  ];
  for (const [title, found, ...told] of cases) {
    it(`is named: ${title}`, async () => {
      assert.deepStrictEqual(await sentences(found), told);
    });
  }

  it("is named still where a refresh has written it into the state", async () => {
    const drifted = resource(TYPES.rights, "rights", {
      principal: "user-service",
      rights: {},
      made: RIGHTS,
    });
    assert.deepStrictEqual(
      (await sentences({ acls: [] }, [drifted])).map(([, sentence]) => sentence),
      [
        "rights of user-service: Read group user-service.* is missing",
        "rights of user-service: Write topic user-events is missing",
      ],
    );
  });
});

describe("what somebody changed of a Redis user", () => {
  const applied = JSON.stringify({
    flags: ["on"],
    passwords: "as set",
    commands: "-@all +get +set",
    keys: "~x:*",
    selectors: [],
  });
  const now = (more: Record<string, unknown>) =>
    JSON.stringify({ ...(JSON.parse(applied) as object), ...more });

  const cases: [title: string, found: string | undefined, ...differences: string[]][] = [
    ["nothing", applied],
    ["that it is gone", undefined, "missing"],
    ["its password", now({ passwords: "other" }), "its password is another than the stack's"],
    ["its switch", now({ flags: ["off"] }), "flags: off was added, on is missing"],
    [
      "commands and keys, each by name",
      now({ commands: "-@all +get +flushall", keys: "~x:* ~y:*" }),
      "commands: +flushall was added, +set is missing",
      "keys: ~y:* was added",
    ],
    ["an order", now({ commands: "+get +set -@all" }), "commands: in another order"],
    [
      "a selector",
      now({ selectors: [["commands", "+@all"]] }),
      'selectors: ["commands","+@all"] was added',
    ],
  ];
  for (const [title, found, ...differences] of cases) {
    it(`is ${title}`, () => {
      assert.deepStrictEqual(userDifferences(applied, found), differences);
    });
  }
});

describe("the look at the servers", function () {
  // The first to speak to a server loads its client.
  this.timeout(20_000);

  it("finds nothing in a stack without any", async () => {
    assert.deepStrictEqual(await contradictions([]), []);
  });

  it("finds nothing where no server answers", async () => {
    const port = await closedPort();
    const broker = {
      bootstrapServers: `127.0.0.1:${port}`,
      adminUsername: "a",
      adminPassword: "b",
      principal: "user-service",
      rights: RIGHTS,
    };
    const redis = {
      host: "127.0.0.1",
      port,
      adminUsername: "a",
      adminPassword: "b",
      username: "x",
      password: "y",
      rules: [],
      applied: "{}",
      drifted: false,
    };
    assert.deepStrictEqual(
      await contradictions([
        topic,
        user,
        resource(TYPES.rights, "rights", broker),
        resource(TYPES.redisUser, "redis", redis),
      ]),
      [],
    );
  });

  const found = [
    { urn: "urn:a", sentence: "topic a: missing" },
    { urn: "urn:a", sentence: "topic a: worse" },
    { urn: "urn:b", sentence: "topic b: missing" },
    { sentence: "Kafka API: refused", advice: "Do this." },
  ];

  it("is told a line each, and nothing where there is nothing", () => {
    assert.deepStrictEqual(contradictionLines([], false), []);
    assert.deepStrictEqual(contradictionLines(found.slice(0, 1), false), [
      "Changed by hand; up puts it right:",
      "  topic a: missing",
    ]);
  });

  it("has the engine look, once each, at resources that it would leave as they are", () => {
    const steps = [
      { urn: "urn:a", op: "same" },
      { urn: "urn:b", op: "update" },
    ];
    assert.deepStrictEqual(contradictedUrns({ steps } as Plan, found), ["urn:a"]);
  });

  it("ends in faults with what to do about what stays", () => {
    assert.deepStrictEqual(contradictionFaults(found.slice(2)), [
      "Changed by hand, and not put right: topic b: missing.",
      "Changed by hand, and not put right: Kafka API: refused. Do this.",
    ]);
  });
});
