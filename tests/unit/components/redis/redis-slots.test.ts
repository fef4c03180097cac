import assert from "node:assert/strict";

import {
  clusterFaults,
  type KnownNode,
  parseNodes,
  slotRanges,
  SLOTS,
} from "../../../../components/redis/redis-slots";

const NAMES = ["localhost:1", "localhost:2", "localhost:3"];
const RANGES = slotRanges(3);

/** What one node of a whole cluster says. */
const viewOf = (self: number, more: Partial<Record<number, Partial<KnownNode>>> = {}) =>
  NAMES.map((_, index): KnownNode => ({
    id: `id-${index}`,
    isSelf: index === self,
    isReached: true,
    slots: [RANGES[index]],
    ...more[index],
  }));

describe("Slots of a cluster", () => {
  it("are all given, each to one node", () => {
    assert.deepEqual(RANGES, [
      [0, 5460],
      [5461, 10921],
      [10922, 16383],
    ]);
    assert.equal(
      RANGES.reduce((sum, [first, last]) => sum + last - first + 1, 0),
      SLOTS,
    );
  });

  it("are read from what a node says, without those on their way", () => {
    const text = [
      "a1 172.18.0.2:6379@16379,redis,shard-id=s myself,master - 0 0 1 connected 0-5460 7000 [5461->-b2]",
      "b2 172.18.0.3:6380@16379,redis-2 master - 0 1 2 connected 5461-10921",
      "c3 172.18.0.4:6381@16379 master,fail - 1 1 3 connected 10922-16383",
      "d4 :0@0 master,noaddr - 1 1 4 disconnected",
      "",
    ].join("\n");
    assert.deepEqual(parseNodes(text), [
      {
        ...{ id: "a1", isSelf: true, isReached: true },
        slots: [
          [0, 5460],
          [7000, 7000],
        ],
      },
      { id: "b2", isSelf: false, isReached: true, slots: [[5461, 10921]] },
      { id: "c3", isSelf: false, isReached: false, slots: [[10922, 16383]] },
      { id: "d4", isSelf: false, isReached: false, slots: [] },
    ]);
  });

  it("have no faults where each node knows every other", () =>
    assert.deepEqual(clusterFaults([viewOf(0), viewOf(1), viewOf(2)], NAMES), []));

  const faults: [title: string, view: KnownNode[], ...faults: string[]][] = [
    ["a node that is new", [viewOf(0)[0]], `${NAMES[0]} does not know ${NAMES[1]}`],
    [
      "a node that is not reached",
      viewOf(0, { 1: { isReached: false } }),
      `${NAMES[0]} does not reach ${NAMES[1]}`,
    ],
    [
      "slots of another",
      viewOf(0, { 1: { slots: [[5461, 10000]] }, 2: { slots: [] } }),
      `${NAMES[0]} gives ${NAMES[1]} the slots 5461-10000 instead of 5461-10921`,
      `${NAMES[0]} gives ${NAMES[2]} the slots none instead of 10922-16383`,
    ],
    [
      "a node that is no more",
      [...viewOf(0), { id: "stranger-1", isSelf: false, isReached: false, slots: [] }],
      `${NAMES[0]} knows another node, stranger`,
    ],
  ];
  for (const [title, view, ...wanted] of faults) {
    it(`name ${title}`, () => {
      const found = clusterFaults([view, viewOf(1), viewOf(2)], NAMES);
      wanted.forEach((fault) => assert.ok(found.includes(fault), found.join("\n")));
    });
  }
});
