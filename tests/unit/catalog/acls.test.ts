import assert from "node:assert/strict";

import { aclsFor, KAFKA_USERS, rightsByPrincipal } from "../../../catalog/acls";
import { rightLine } from "../../../catalog/right-lines";
import { SERVICE_NAMES } from "../../../catalog/services";
import { TOPICS } from "../../../catalog/topics";
import { SERVICES } from "../../support/contract";

describe("rights on the broker", () => {
  it("are one line for each right, in alphabetical order", () => {
    const extra = { partitions: 1, retentionDays: 1, compression: "snappy" as const };
    const topics = {
      ...TOPICS,
      "user-service": { ...extra, writers: SERVICE_NAMES, readers: SERVICE_NAMES },
      "user-service.": { ...extra, writers: SERVICE_NAMES, readers: SERVICE_NAMES },
    };
    const lines = Object.entries(rightsByPrincipal(topics)).flatMap(([principal, rights]) => {
      assert.deepStrictEqual(Object.keys(rights), Object.keys(rights).toSorted(), principal);
      return Object.entries(rights).map(([line, value]) => `${principal}: ${value} ${line}`);
    });
    assert.deepStrictEqual(
      lines.sort(),
      aclsFor(topics)
        .map((acl) => `${acl.principal}: allow ${rightLine(acl)}`)
        .sort(),
    );
    assert.strictEqual(new Set(lines).size, lines.length);
  });

  it("are those of a topic's writers and readers, of each one's groups and transactional ids, and the console's", () => {
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
        "user-service DescribeConfigs Topic Literal news",
        "content-service DescribeConfigs Topic Literal news",
        "platform-ops DescribeConfigs Topic Literal news",
        ...[...SERVICES, "platform-ops"].flatMap((principal) =>
          [`Literal ${principal}`, `Prefixed ${principal}.`, `Prefixed ${principal}-`].flatMap(
            (name) =>
              [
                "Read Group",
                "Delete Group",
                "Write TransactionalId",
                "Describe TransactionalId",
              ].map((right) => `${principal} ${right} ${name}`),
          ),
        ),
      ],
    );
  });

  it("reach only the principal's own groups and transactional ids", () => {
    const named = aclsFor(TOPICS).filter(
      ({ resourceType, principal }) =>
        ["Group", "TransactionalId"].includes(resourceType) && principal !== "platform-console",
    );
    const holders = (name: string) => [
      ...new Set(
        named
          .filter(({ pattern, resourceName }) =>
            pattern === "Literal" ? name === resourceName : name.startsWith(resourceName),
          )
          .map(({ principal }) => principal),
      ),
    ];
    for (const principal of [...SERVICES, "platform-ops"]) {
      for (const name of [principal, `${principal}.a`, `${principal}-a`]) {
        assert.deepStrictEqual(holders(name), [principal], name);
      }
      for (const name of [`${principal}2`, `${principal}_a`, `x-${principal}`, "other", ""]) {
        assert.deepStrictEqual(holders(name), [], name);
      }
    }
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

  it("belong to one user each", () => {
    const principals = new Set(aclsFor(TOPICS).map(({ principal }) => principal));
    assert.deepStrictEqual([...principals].sort(), [...KAFKA_USERS].sort());
    assert.deepStrictEqual(Object.keys(rightsByPrincipal(TOPICS)), [...KAFKA_USERS]);
  });
});
