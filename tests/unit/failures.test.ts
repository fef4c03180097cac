import assert from "node:assert/strict";

import { failuresIn } from "../support/failures";

describe("what is shown again of a failed run", () => {
  it("is mocha's list of failures", () => {
    const failures = "  1 failing\n\n  1) a suite\n       adds:\n     Error: 3 failing";
    assert.equal(
      failuresIn(`\n  a suite\n    1) adds\n\n\n  2 passing (5ms)\n${failures}\n\n\n`),
      failures,
    );
  });

  it("is the end of a run that broke off", () => {
    const lines = Array.from({ length: 30 }, (_, index) => `line ${index}`);
    const shown = failuresIn(`${lines.join("\n")}\n`).split("\n");
    assert.equal(shown.length, 20);
    assert.equal(shown.at(-1), "line 29");
  });
});
