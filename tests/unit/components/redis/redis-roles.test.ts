import assert from "node:assert/strict";

import {
  choosePrimary,
  type NodeRole,
  type ReplicatedNode,
  roleFaults,
} from "../../../../components/redis/redis-roles";

const FIRST = { host: "localhost", port: 1, internalAddress: "first:6379" };
const SECOND = { host: "localhost", port: 2, internalAddress: "second:6379" };

const primary = (node: ReplicatedNode, keys = 0): NodeRole => ({
  ...{ node, keys, isPrimary: true, isLinked: false },
});
const replica = (
  node: ReplicatedNode,
  { internalAddress: follows }: ReplicatedNode,
  { keys = 0, isLinked = true } = {},
): NodeRole => ({ node, keys, isLinked, follows, isPrimary: false });

describe("The primary of two servers", () => {
  const cases: [title: string, found: NodeRole[], wanted: ReplicatedNode][] = [
    ["is the one that is it", [replica(FIRST, SECOND), primary(SECOND)], SECOND],
    ["stays, also without keys", [replica(FIRST, SECOND, { keys: 1 }), primary(SECOND)], SECOND],
    [
      "is the one with keys where none is it",
      [replica(FIRST, SECOND), replica(SECOND, FIRST, { keys: 2 })],
      SECOND,
    ],
    ["is the first one of two new ones", [replica(FIRST, SECOND), replica(SECOND, FIRST)], FIRST],
    ["is the one with keys of two primaries", [primary(FIRST), primary(SECOND, 3)], SECOND],
  ];
  for (const [title, found, wanted] of cases) {
    it(title, () => assert.equal(choosePrimary(found), wanted));
  }

  it("is a person's choice where both have keys", () =>
    assert.throws(
      () => choosePrimary([primary(FIRST, 1), primary(SECOND, 2)]),
      /both servers of the sessions are primaries \(first:6379 with 1 keys, second:6379 with 2 keys\)/,
    ));
});

describe("Roles of two servers", () => {
  it("are right where one follows the other, whichever", () => {
    assert.deepEqual(roleFaults([primary(FIRST), replica(SECOND, FIRST)]), []);
    assert.deepEqual(roleFaults([replica(FIRST, SECOND), primary(SECOND)]), []);
  });

  const faults: [found: NodeRole[], fault: string][] = [
    [[primary(FIRST), primary(SECOND)], "both nodes are primaries"],
    [[replica(FIRST, SECOND), replica(SECOND, FIRST)], "no node is the primary"],
    [
      [primary(FIRST), replica(SECOND, FIRST, { isLinked: false })],
      "localhost:2 has lost its primary",
    ],
    [
      [primary(FIRST), replica(SECOND, { ...FIRST, internalAddress: "172.18.0.9:6379" })],
      "localhost:2 follows 172.18.0.9:6379 instead of first:6379",
    ],
  ];
  for (const [found, fault] of faults) {
    it(`are wrong where ${fault}`, () => assert.deepEqual(roleFaults(found), [fault]));
  }
});
