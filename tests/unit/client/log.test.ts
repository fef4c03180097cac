import assert from "node:assert/strict";

import { reasonOf } from "../../../client/src/log";

describe("The reason of an error", () => {
  for (const [title, error, reason] of [
    ["its message", new Error("no such topic"), "no such topic"],
    [
      "its code, without a message",
      Object.assign(new Error(), { code: "ECONNREFUSED" }),
      "ECONNREFUSED",
    ],
    ["its name, without either", new TypeError(), "TypeError"],
    ["with its cause", new Error("no login", { cause: new Error("closed") }), "no login (closed)"],
    [
      "that of the last of many",
      new AggregateError(
        [new Error("first"), new AggregateError([new Error("last")])],
        "all failed",
      ),
      "last",
    ],
    ["what is thrown that is no error", 42, "42"],
  ] as const) {
    it(`is ${title}`, () => assert.equal(reasonOf(error), reason));
  }
});
