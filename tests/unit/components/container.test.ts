import assert from "node:assert/strict";

import { engineDuration } from "../../../components/container";

describe("a duration as Docker writes it", () => {
  const cases: [seconds: number, text: string][] = [
    [5, "5s"],
    [59, "59s"],
    [60, "1m0s"],
    [90, "1m30s"],
    [3_600, "1h0m0s"],
    [3_661, "1h1m1s"],
  ];
  for (const [seconds, text] of cases) {
    it(`is ${text} for ${seconds} seconds`, () => {
      assert.strictEqual(engineDuration(seconds), text);
    });
  }
});
