import assert from "node:assert/strict";

import type { FoundObjects, FoundStack } from "../../../../cli/sweep/found";
import { type Circumstances, judge } from "../../../../cli/sweep/judge";

const NOW = new Date("2026-03-10T12:00:00Z");
const hours = (number: number) => new Date(NOW.getTime() + number * 3_600_000);

const stack = (more: Partial<FoundStack> = {}): FoundStack => ({
  ...{ name: "pr-7", created: hours(-71), timeToLiveHours: 72, isProtected: false },
  ...more,
});
const objects = (more: Partial<FoundObjects> = {}): FoundObjects => ({
  ...{ stack: "pr-7", expires: hours(1), isOwn: true, isKept: false, objects: [] },
  ...more,
});

function verdictOf(
  stacks: Parameters<typeof judge>[0],
  found: FoundObjects[],
  more: Partial<Circumstances> = {},
) {
  const verdicts = judge(stacks, found, { now: NOW, ...more });
  assert.strictEqual(verdicts.length, 1);
  const [{ remove = "nothing", why }] = verdicts;
  return [remove, why];
}

describe("a sweep of a stack", () => {
  const cases: [
    title: string,
    given: Partial<FoundStack>,
    more: Partial<Circumstances>,
    expected: string[],
  ][] = [
    ["leaves it within its time", {}, {}, ["nothing", "its time is over at 2026-03-10 13:00 UTC"]],
    [
      "removes it after its time",
      { created: hours(-73) },
      {},
      ["stack", "its time was over at 2026-03-10 11:00 UTC"],
    ],
    [
      "leaves it, however old, if it has no time to live",
      { created: hours(-9_000), timeToLiveHours: 0 },
      {},
      ["nothing", "it has no time to live"],
    ],
    [
      "leaves it while it has nothing yet",
      { created: undefined },
      {},
      ["nothing", "it has no time to live"],
    ],
    [
      "removes it when its pull request is closed",
      {},
      { open: new Set([8]) },
      ["stack", "pull request 7 is not open"],
    ],
    [
      "leaves it while its pull request is open",
      {},
      { open: new Set([7]) },
      ["nothing", "its time is over at 2026-03-10 13:00 UTC"],
    ],
    [
      "removes it after its time, although its pull request is open",
      { created: hours(-73) },
      { open: new Set([7]) },
      ["stack", "its time was over at 2026-03-10 11:00 UTC"],
    ],
    [
      "leaves it if it is protected",
      { created: hours(-73), isProtected: true },
      { open: new Set() },
      ["nothing", "it is protected"],
    ],
    [
      "leaves the stack of no pull request",
      { name: "pr-x", timeToLiveHours: 0 },
      { open: new Set() },
      ["nothing", "it has no time to live"],
    ],
  ];
  for (const [title, given, more, expected] of cases) {
    it(title, () => assert.deepStrictEqual(verdictOf([stack(given)], [], more), expected));
  }

  it("leaves it if one of its objects has the label for that", () => {
    const found = [objects(), objects({ isKept: true })];
    assert.deepStrictEqual(verdictOf([stack({ created: hours(-73) })], found), [
      "nothing",
      "its label keeps it",
    ]);
  });

  it("leaves one that cannot be read, and says why", () => {
    assert.deepStrictEqual(verdictOf([{ name: "pr-7", fault: "no YAML" }], [objects()]), [
      "nothing",
      "no YAML",
    ]);
  });
});

describe("a sweep of what is in Docker", () => {
  const cases: [
    title: string,
    given: Partial<FoundObjects>,
    more: Partial<Circumstances>,
    expected: string[],
  ][] = [
    [
      "removes what is left of a stack with a time to live whose state is lost",
      { hasState: false },
      {},
      ["objects", "its state is lost"],
    ],
    [
      "leaves what is left of a stack without a time to live: there may be data in it",
      { hasState: false, expires: undefined },
      { open: new Set() },
      ["nothing", "it has no state here, and no time to live"],
    ],
    [
      "leaves what has its state in another checkout of this machine",
      { hasState: true, isOwn: false, expires: hours(-1) },
      { open: new Set() },
      ["nothing", "it belongs to another checkout"],
    ],
    [
      "leaves what has its state elsewhere, within its time",
      { isOwn: false },
      {},
      ["nothing", "its time is over at 2026-03-10 13:00 UTC"],
    ],
    [
      "removes what has its state elsewhere, after its time",
      { isOwn: false, expires: hours(-1) },
      {},
      ["objects", "its time was over at 2026-03-10 11:00 UTC"],
    ],
    [
      "removes what has its state elsewhere, and is of a closed pull request",
      { isOwn: false },
      { open: new Set([8]) },
      ["objects", "pull request 7 is not open"],
    ],
    [
      "leaves what has the label for that",
      { hasState: false, isKept: true },
      { open: new Set() },
      ["nothing", "its label keeps it"],
    ],
  ];
  for (const [title, given, more, expected] of cases) {
    it(title, () => assert.deepStrictEqual(verdictOf([], [objects(given)], more), expected));
  }

  it("counts with the stack of that name what has its state nowhere else", () => {
    const elsewhere = [
      // A shared backend, or a machine that had another name then.
      { isOwn: false },
      // A checkout that was moved.
      { isOwn: false, hasState: false },
    ];
    const guarded = stack({ created: hours(-73), isProtected: true });
    for (const place of elsewhere) {
      const found = [objects({ ...place, expires: hours(-1) })];
      const open = new Set<number>();
      assert.deepStrictEqual(verdictOf([guarded], found, { open }), ["nothing", "it is protected"]);
      assert.deepStrictEqual(verdictOf([stack()], found, { open })[0], "stack");
    }
  });

  it("judges a stack of this checkout and one of the same name apart", () => {
    const elsewhere = objects({ isOwn: false, hasState: true });
    const verdicts = judge([stack()], [objects(), elsewhere], { now: NOW });
    assert.deepStrictEqual(
      verdicts.map(({ why }) => why),
      ["its time is over at 2026-03-10 13:00 UTC", "it belongs to another checkout"],
    );
  });
});
