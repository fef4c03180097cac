import assert from "node:assert/strict";

import { delayAfter, pause } from "../../../client/src/backoff";
import { TimeLimitError, withinTime } from "../../../client/src/within-time";

describe("The wait before another attempt", () => {
  const limits = { firstMs: 100, maxMs: 1_000 };

  it("doubles up to the limit", () =>
    assert.deepEqual(
      [1, 2, 3, 4, 5, 50].map((failures) => delayAfter(failures, limits, () => 1)),
      [100, 200, 400, 800, 1_000, 1_000],
    ));

  it("is at least half of that", () =>
    assert.equal(
      delayAfter(5, limits, () => 0),
      500,
    ));

  it("ends at once when the signal is given", async () => {
    await pause(100_000, AbortSignal.abort());
  });
});

describe("A time limit", () => {
  it("lets through what is done in time, and its error", async () => {
    assert.equal(await withinTime(Promise.resolve(1), 1_000), 1);
    await assert.rejects(withinTime(Promise.reject(new Error("x")), 1_000), /^Error: x$/);
  });

  it("reports what takes longer", async () => {
    let isReported = false;
    const never = new Promise(() => undefined);
    await assert.rejects(
      withinTime(never, 1, () => (isReported = true)),
      TimeLimitError,
    );
    assert.ok(isReported);
  });
});
