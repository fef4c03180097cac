import assert from "node:assert/strict";

import { InvalidArgumentError } from "commander";

import { parseMoment, showMoment } from "../../../../cli/recover/moment";

describe("the moment of a recovery", () => {
  for (const [text, expected] of [
    ["2026-03-01T14:30:00Z", "2026-03-01T14:30:00.000Z"],
    ["2026-03-01 14:30:00.250+00", "2026-03-01T14:30:00.250Z"],
    ["2026-03-01T15:30+01:00", "2026-03-01T14:30:00.000Z"],
    ["latest", "the end of the archive"],
  ]) {
    it(`is read from ${text}`, () => {
      assert.equal(showMoment(parseMoment(text)), expected);
    });
  }

  for (const text of [
    "2026-03-01T14:30:00",
    "yesterday",
    "2026-13-01T00:00:00Z",
    "",
    "1709303400",
  ]) {
    it(`is not guessed from "${text}"`, () => {
      assert.throws(() => parseMoment(text), InvalidArgumentError);
    });
  }
});
