import assert from "node:assert/strict";

import { type AclEntry, aclName, aclsFor, KAFKA_USERS } from "../../../catalog/acls";
import { SERVICE_NAMES } from "../../../catalog/services";
import { TOPICS } from "../../../catalog/topics";
import { SERVICES } from "../../support/contract";

const anyEntry: AclEntry = {
  principal: "user-service",
  operation: "Read",
  resourceType: "Topic",
  resourceName: "user-events",
  pattern: "Literal",
};

describe("rights on the broker", () => {
  it("have names that tell all of them apart, in any letters", () => {
    const extra = { partitions: 1, retentionDays: 1, compression: "snappy" as const };
    const names = aclsFor({
      ...TOPICS,
      "user-service": { ...extra, writers: SERVICE_NAMES, readers: SERVICE_NAMES },
      "user-service.": { ...extra, writers: SERVICE_NAMES, readers: SERVICE_NAMES },
    }).map(aclName);
    assert.strictEqual(new Set(names).size, names.length);
  });

  const differences: Partial<AclEntry>[] = [
    { principal: "payment-service" },
    { operation: "Write" },
    { resourceType: "Group" },
    { resourceName: "*" },
    { pattern: "Prefixed" },
  ];
  for (const difference of differences) {
    it(`have another name by their ${Object.keys(difference)[0]}`, () => {
      assert.notStrictEqual(aclName({ ...anyEntry, ...difference }), aclName(anyEntry));
    });
  }

  it("keep their names when a topic is added", () => {
    const before = aclsFor(TOPICS).map(aclName);
    const added = aclsFor({ ...TOPICS, "a-first": { ...TOPICS["user-events"] } }).map(aclName);
    assert.deepStrictEqual(
      before.filter((name) => !added.includes(name)),
      [],
    );
  });

  it("are one for each writer and reader of a topic, one for each group, and the console's", () => {
    const topic = { partitions: 1, retentionDays: 1, compression: "snappy" as const };
    const rights = aclsFor({
      news: { ...topic, writers: ["user-service"], readers: ["content-service", "platform-ops"] },
    });
    const ofServices = rights.filter(({ principal }) => principal !== "platform-console");
    assert.deepStrictEqual(
      ofServices.map(
        ({ principal, operation, resourceType, resourceName, pattern }) =>
          `${principal} ${operation} ${resourceType} ${pattern} ${resourceName}`,
      ),
      [
        "user-service Write Topic Literal news",
        "content-service Read Topic Literal news",
        "platform-ops Read Topic Literal news",
        ...[...SERVICES, "platform-ops"].map((name) => `${name} Read Group Prefixed ${name}.`),
      ],
    );
  });

  it("never let the console write, whatever the topics", () => {
    const operations = aclsFor(TOPICS)
      .filter(({ principal }) => principal === "platform-console")
      .map(({ operation }) => operation);
    assert.deepStrictEqual([...new Set(operations)].sort(), [
      "Describe",
      "DescribeConfigs",
      "Read",
    ]);
  });

  it("belong to a user each", () => {
    const principals = new Set(aclsFor(TOPICS).map(({ principal }) => principal));
    assert.deepStrictEqual([...principals].sort(), [...KAFKA_USERS].sort());
  });
});
