import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";

import { forEachOf } from "../../../client/src/redis/bounded";
import {
  cacheKeys,
  decodeEntry,
  encodeEntry,
  timeToLiveMs,
} from "../../../client/src/redis/cache-keys";

describe("Cache entries", () => {
  it("have keys that begin with the service's prefix", () => {
    const keys = cacheKeys("user-service:", "users");
    assert.equal(keys.entry("42"), "user-service:cache:users:42");
    assert.equal(keys.generation, "user-service:cache-generation:users");
  });

  it("of one type cannot have the key of another's generation", () => {
    const keys = cacheKeys("user-service:", "users");
    assert.ok(!keys.generation.startsWith(keys.entry("")));
  });

  for (const value of [null, 0, "", false, "two words", { a: [1, "ü"] }]) {
    it(`give back ${JSON.stringify(value)}`, () =>
      assert.deepEqual(decodeEntry(encodeEntry("g1", value), "g1"), { value }));
  }

  it("of another generation, tombstones and missing ones have no value", () => {
    assert.equal(decodeEntry(encodeEntry("g1", 1), "g2"), undefined);
    assert.equal(decodeEntry("invalidated", "g1"), undefined);
    assert.equal(decodeEntry(null, "g1"), undefined);
  });

  it("refuse a value without JSON, and one that is damaged", () => {
    assert.throws(() => encodeEntry("g1", () => 1), /without JSON/);
    assert.throws(() => decodeEntry("g1 {", "g1"), SyntaxError);
  });

  it("live for the type's time, a tenth more or less", () => {
    assert.equal(
      timeToLiveMs(1_800, () => 0),
      1_620_000,
    );
    assert.equal(
      timeToLiveMs(1_800, () => 0.5),
      1_800_000,
    );
    assert.equal(
      timeToLiveMs(1_800, () => 1),
      1_980_000,
    );
  });
});

describe("Work on many items", () => {
  /** Runs five items, and reports the largest number at the same time. */
  async function mostAtATime(items: Iterable<number> | AsyncIterable<number>, concurrency: number) {
    let running = 0;
    let most = 0;
    const seen: number[] = [];
    await forEachOf(items, concurrency, async (item) => {
      running += 1;
      most = Math.max(most, running);
      await nextTurn();
      running -= 1;
      seen.push(item);
    });
    return { most, seen: seen.sort() };
  }

  it("is done on so many at a time, and on all", async () => {
    assert.deepEqual(await mostAtATime([1, 2, 3, 4, 5], 2), { most: 2, seen: [1, 2, 3, 4, 5] });
    assert.deepEqual(await mostAtATime([1, 2, 3, 4, 5], 9), { most: 5, seen: [1, 2, 3, 4, 5] });
  });

  it("takes an item of a cursor only when there is room for it", async () => {
    let taken = 0;
    let done = 0;
    async function* cursor() {
      for (let item = 1; item <= 5; item += 1) {
        taken += 1;
        assert.ok(taken - done <= 2, `${taken} taken, ${done} done`);
        yield item;
      }
    }
    await forEachOf(cursor(), 2, async () => {
      await nextTurn();
      done += 1;
    });
    assert.equal(done, 5);
  });

  it("throws the first error after what had begun, and begins no more", async () => {
    const begun: number[] = [];
    const ended: number[] = [];
    const work = forEachOf([1, 2, 3, 4, 5], 2, async (item) => {
      begun.push(item);
      await nextTurn();
      if (item === 1) {
        throw new Error("one");
      }
      await nextTurn();
      ended.push(item);
    });
    await assert.rejects(work, /^Error: one$/);
    assert.deepEqual([begun, ended], [[1, 2], [2]]);
  });
});
