import assert from "node:assert/strict";

import { compareBroker } from "../../../../cli/drift/broker";
import { aclsOf } from "../../../../components/kafka/kafka-acls";
import type { KafkaTopic } from "../../../../components/kafka/kafka-client";
import { FakeBroker } from "../../support/kafka";
import { TYPES } from "../../support/mocks";
import { stackResource } from "../support/state";

const CONFIG = { "retention.ms": "2592000000", "cleanup.policy": "delete" };
const topic = stackResource(TYPES.topic, "urn:topic", {
  name: "user-events",
  ...{ partitions: 3, replicationFactor: 1 },
  config: CONFIG,
});
const user = stackResource(TYPES.kafkaUser, "urn:user", {
  username: "user-service",
  password: "right",
});
const RIGHTS = { "Read group user-service.*": "allow", "Write topic user-events": "allow" };
const rights = stackResource(TYPES.rights, "urn:rights", {
  principal: "user-service",
  rights: RIGHTS,
});
const state = [topic, user, rights];

interface Found {
  topics?: Record<string, KafkaTopic>;
  passwords?: Record<string, string>;
  acls?: ReturnType<typeof aclsOf>;
}

/** The drift of the state above on a broker that differs from it only as given. */
async function sentences(found: Found, resources = state) {
  const broker = new FakeBroker(
    found.acls ?? aclsOf("user-service", RIGHTS),
    found.topics ?? { "user-events": { partitions: 3, copies: 1, config: CONFIG } },
  );
  const passwords = found.passwords ?? { "user-service": "right" };
  const drift = await compareBroker(resources, {
    acls: () => broker.acls(),
    topics: (settings) => broker.topics(settings),
    accepts: (username, password) => Promise.resolve(passwords[username] === password),
  });
  return drift.map(({ urn, sentence }) => [urn, sentence]);
}

const withConfig = (partitions: number, config: Record<string, string>): Found => ({
  topics: { "user-events": { partitions, copies: 1, config: { ...CONFIG, ...config } } },
});

describe("drift on the broker", () => {
  it("is no right that another stack gave a user, but one of the stack's own that is missing", async () => {
    const shared = stackResource(TYPES.rights, "urn:rights", {
      ...{ principal: "user-service", rights: RIGHTS, atLeast: true },
    });
    const others = aclsOf("user-service", { "Read topic pr-8-user-events": "allow" });
    const own = aclsOf("user-service", RIGHTS);
    assert.deepStrictEqual(await sentences({ acls: [...own, ...others] }, [shared]), []);
    assert.deepStrictEqual(await sentences({ acls: [own[0], ...others] }, [shared]), [
      ["urn:rights", "rights of user-service: Write topic user-events is missing"],
    ]);
  });

  it("is none where everything is as the stack left it, whatever else is there", async () => {
    const found: Found = {
      topics: {
        "user-events": {
          partitions: 3,
          copies: 1,
          config: { ...CONFIG, "max.message.bytes": "7" },
        },
        other: { partitions: 1, copies: 1, config: {} },
      },
      acls: [...aclsOf("user-service", RIGHTS), ...aclsOf("other", { "All topic *": "allow" })],
    };
    assert.deepStrictEqual(await sentences(found), []);
  });

  const cases: [title: string, found: Found, ...sentences: [urn: string, sentence: string][]][] = [
    [
      "a missing topic",
      { topics: {} },
      ["urn:topic", "topic user-events: missing, with its records; up recreates it empty"],
    ],
    [
      "a setting of a topic",
      withConfig(3, { "retention.ms": "1000" }),
      ["urn:topic", "topic user-events: retention.ms is 1000, should be 2592000000"],
    ],
    [
      "everything that differs in a topic, line by line",
      withConfig(5, { "retention.ms": "1", "cleanup.policy": "compact" }),
      ["urn:topic", "topic user-events: partitions is 5, should be 3"],
      ["urn:topic", "topic user-events: retention.ms is 1, should be 2592000000"],
      ["urn:topic", "topic user-events: cleanup.policy is compact, should be delete"],
    ],
    [
      "copies that are missing or too many",
      { topics: { "user-events": { partitions: 3, copies: 3, config: CONFIG } } },
      ["urn:topic", "topic user-events: copies is 3, should be 1"],
    ],
    [
      "a setting that the broker does not return",
      {
        topics: {
          "user-events": { partitions: 3, copies: 1, config: { "cleanup.policy": "delete" } },
        },
      },
      ["urn:topic", "topic user-events: retention.ms is not set, should be 2592000000"],
    ],
    [
      "a missing user",
      { passwords: {} },
      ["urn:user", "broker user user-service: missing, or its password is not the stack's"],
    ],
    [
      "a user with another password",
      { passwords: { "user-service": "wrong" } },
      ["urn:user", "broker user user-service: missing, or its password is not the stack's"],
    ],
    [
      "a right that was removed",
      { acls: aclsOf("user-service", { "Read group user-service.*": "allow" }) },
      ["urn:rights", "rights of user-service: Write topic user-events is missing"],
    ],
    [
      "a right that was added",
      { acls: aclsOf("user-service", { ...RIGHTS, "All topic *": "allow" }) },
      ["urn:rights", "rights of user-service: All topic * was added (allow)"],
    ],
    [
      "a right that is denied, too",
      { acls: aclsOf("user-service", { ...RIGHTS, "Write topic user-events": "allow, deny" }) },
      [
        "urn:rights",
        "rights of user-service: Write topic user-events is allow, deny, should be allow",
      ],
    ],
  ];
  for (const [title, found, ...expected] of cases) {
    it(`is reported: ${title}`, async () => {
      assert.deepStrictEqual(await sentences(found), expected);
    });
  }

  it("is still reported after a refresh has written it into the state", async () => {
    const drifted = stackResource(TYPES.rights, "urn:rights", {
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
