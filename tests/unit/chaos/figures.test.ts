import assert from "node:assert/strict";

import {
  compareIds,
  compareSessions,
  countActs,
  countErrors,
  longestGaps,
} from "../../chaos/figures";
import type { Entry } from "../../chaos/ledger";

const ok = (at: number, rest: Partial<Entry> = {}): Entry => ({
  ...{ at, act: "row", result: "ok" },
  ...rest,
});

describe("Figures of a run", () => {
  it("count what was acknowledged, and failures by their reason", () => {
    const entries = [
      ok(1),
      ok(2),
      ok(3, { act: "cache" }),
      ok(4, { result: "error", reason: "ECONNRESET: x" }),
      ok(5, { result: "error", reason: "ECONNRESET: x" }),
      ok(6, { act: "session", result: "try" }),
    ];
    assert.deepEqual(countActs(entries), {
      ...{ row: 2, user: 0, session: 0, cache: 1, publish: 0, receive: 0 },
    });
    assert.deepEqual(countErrors(entries), { "row: ECONNRESET: x": 2 });
  });

  it("give the longest time without a success between a fault and the next one", () => {
    const faults = [
      { kind: "kill", target: "postgres", beganAt: 100, inEffectAt: 110 },
      { kind: "pause", target: "redis", beganAt: 500, inEffectAt: 510 },
    ] as const;
    const entries = [ok(90), ok(350), ok(450), ok(40, { act: "cache" }), ok(505), ok(560)];
    const [first, second] = longestGaps(entries, faults, 600);
    assert.deepEqual([first.row, second.row], [250, 55]);
    assert.deepEqual([first.cache, second.cache], [undefined, undefined]);
  });

  it("find what is missing and what is there twice", () => {
    assert.deepEqual(compareIds(["a", "b", "c"], ["b", "c", "c", "d"]), {
      ...{ lost: ["a"], doubled: ["c"] },
    });
  });
});

describe("Sessions after a run", () => {
  const LIMITS = { lossMs: 2_000, livesMs: 60_000, now: 20_000 };
  const session = (at: number, id: string, version: number, result: Entry["result"] = "ok") =>
    ok(at, { act: "session", result, id, version });
  const compare = (entries: Entry[], stored: [string, number][], kills: number[] = []) =>
    compareSessions(
      entries,
      new Map(stored),
      kills.map((beganAt) => ({ beganAt, inEffectAt: beganAt + 100 })),
      LIMITS,
    );

  it("are kept where the last acknowledged change, or a later one, is there", () => {
    const entries = [session(1, "a", 0), session(2, "a", 1), session(3, "b", 0)];
    const found = compare(entries, [
      ["a", 1],
      ["b", 1],
    ]);
    assert.deepEqual(found, { kept: 2, lost: [], lostInTime: [], tooOld: 0 });
  });

  it("are lost where an acknowledged change is missing", () => {
    const entries = [session(1, "a", 0), session(2, "a", 1), session(3, "b", 0)];
    assert.deepEqual(compare(entries, [["a", 0]]).lost, ["a", "b"]);
  });

  it("may lose what was acknowledged shortly before a kill, and nothing else", () => {
    const entries = [
      session(5_000, "early", 0),
      session(9_000, "late", 0),
      session(10_050, "in", 0),
    ];
    const found = compare([...entries, session(10_500, "after", 0)], [], [10_000]);
    assert.deepEqual(found.lostInTime, ["late", "in"]);
    assert.deepEqual(found.lost, ["early", "after"]);
  });

  it("must not come back once their end was acknowledged, and may end once that was tried", () => {
    const ended = [session(1, "a", 0), session(2, "a", -1, "try"), session(3, "a", -1)];
    assert.deepEqual(compare(ended, []).lost, []);
    assert.deepEqual(compare(ended, [["a", 0]]).lost, ["a"]);
    assert.deepEqual(compare(ended.slice(0, 2), []).lost, []);
  });

  it("are not judged once they may have ended by themselves", () => {
    const found = compareSessions([session(1, "a", 0)], new Map(), [], { ...LIMITS, now: 70_000 });
    assert.deepEqual(found, { kept: 0, lost: [], lostInTime: [], tooOld: 1 });
  });
});
