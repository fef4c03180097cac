import assert from "node:assert/strict";

import { topic, topicStep } from "../report/support/findings";
import { planOf } from "../support/plan";

describe("the topics of a plan", () => {
  it("are those that change, by name, with the settings that differ", () => {
    const { topics } = planOf(
      topicStep("same", "stays"),
      topicStep("update", "b", topic("b", 6, 7), topic("b", 3, 7)),
      topicStep("delete", "c"),
      topicStep("replace", "a", topic("a", 1, 1), topic("a", 2, 1)),
    );
    assert.deepStrictEqual(topics, [
      {
        action: "replace",
        name: "a",
        changes: [{ setting: "partitions", before: "2", after: "1" }],
      },
      {
        action: "update",
        name: "b",
        changes: [{ setting: "partitions", before: "3", after: "6" }],
      },
      { action: "delete", name: "c", changes: [] },
    ]);
  });

  it("have all settings where they are new, but none that the plan does not know", () => {
    const inputs = { name: "n", partitions: 1, config: { "retention.ms": "5", secret: "x" } };
    assert.deepStrictEqual(planOf(topicStep("create", "n", inputs)).topics[0].changes, [
      { setting: "partitions", before: undefined, after: "1" },
      { setting: "retention.ms", before: undefined, after: "5" },
    ]);
  });
});
