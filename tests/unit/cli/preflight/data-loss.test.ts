import assert from "node:assert/strict";

import { PlanRecorder } from "../../../../cli/plan/plan";
import { dataLossFaults, otherErrors } from "../../../../cli/preflight/data-loss";
import { TYPES } from "../../support/mocks";
import { begins, says, type Step } from "../support/events";

function planOf(...steps: Step[]) {
  const recorder = new PlanRecorder();
  steps.map(begins).forEach(recorder.onEvent);
  return recorder.result();
}

type Kind = "topic" | "database" | "volume";

const step = (kind: Kind, op: Step["op"], old: boolean, more: Partial<Step> = {}): Step => ({
  op,
  type: TYPES[kind],
  name: `events-${kind}`,
  old: { name: "kept" },
  ...(op === "delete" ? {} : { now: { name: "kept" } }),
  protect: { old },
  ...more,
});

describe("the data that an update would lose", () => {
  const shrunk = { old: { name: "kept", partitions: 3 }, now: { name: "kept", partitions: 2 } };
  const cases: [title: string, step: Step, allowed: string[], fault: string | undefined][] = [
    [
      "a topic that is taken out is refused with the key that allows it",
      step("topic", "delete", false),
      ["other"],
      "The topic kept would be deleted with its records, as the program has it no longer. " +
        "Put it back, or add kept to learning-platform:allowDataLoss.",
    ],
    [
      "a protected database that is taken out is refused with the steps that the engine needs",
      step("database", "delete", true),
      [],
      "The database kept would be deleted with its tables, as the program has it no longer. It is protected: " +
        "put it back, add kept to learning-platform:allowDataLoss, run up, and then take it out.",
    ],
    [
      "what is allowed and still protected is refused the same way",
      step("volume", "delete", true),
      ["kept"],
      "The volume kept would be deleted with its files, as the program has it no longer. It is protected: " +
        "put it back, add kept to learning-platform:allowDataLoss, run up, and then take it out.",
    ],
    [
      "a topic that loses partitions is refused with their numbers",
      step("topic", "replace", true, shrunk),
      [],
      "The topic kept would be made anew, without its records: no partition can be taken from a topic, and " +
        "3 are to be 2. Undo that change, or add kept to learning-platform:allowDataLoss.",
    ],
    [
      "a topic that is made anew for another reason is refused as well",
      step("topic", "replace", false),
      [],
      "The topic kept would be made anew, without its records. Undo that change, or add kept to " +
        "learning-platform:allowDataLoss.",
    ],
    [
      "a database that is made anew is refused even where it is allowed, since no migration would run on it",
      step("database", "replace", false),
      ["kept"],
      "The database kept would be made anew, without its tables. Undo that change.",
    ],
    ["a topic is let go where it is allowed", step("topic", "delete", false), ["kept"], undefined],
    [
      "a protected topic may lose partitions where that is allowed",
      step("topic", "replace", true, shrunk),
      ["kept"],
      undefined,
    ],
    ["a topic that is changed in place is none", step("topic", "update", true), [], undefined],
    [
      "the parts of a replacement are not told of again",
      step("topic", "delete-replaced", false),
      [],
      undefined,
    ],
    [
      "what keeps no data is none",
      { op: "delete", type: TYPES.rights, name: "right", old: { name: "kept" } },
      [],
      undefined,
    ],
    [
      "a volume that is replaced is refused elsewhere",
      step("volume", "replace", true),
      [],
      undefined,
    ],
  ];
  for (const [title, planned, allowed, fault] of cases) {
    it(`is looked for: ${title}`, () => {
      assert.deepStrictEqual(dataLossFaults(planOf(planned), allowed), fault ? [fault] : []);
    });
  }

  const urn = (type: string) =>
    `urn:pulumi:dev::learning-platform::learning-platform:events:EventTopics$${type}::x`;
  const errorsOf = (...errors: string[]) => {
    const recorder = new PlanRecorder();
    errors.forEach((error) => recorder.onEvent(says("error", error)));
    return otherErrors(recorder.result());
  };

  it("is told in place of the engine's own words about what is protected", () => {
    assert.deepStrictEqual(
      errorsOf(
        `Preview failed: resource "${urn(TYPES.topic)}" cannot be deleted\nbecause it is protected.`,
        `unable to replace resource "${urn(TYPES.database)}"\nas it is currently marked for protection.`,
        "no such file",
        "preview failed",
      ),
      ["no such file"],
    );
  });

  it("leaves every other error, and what is protected and keeps no data", () => {
    const guard = `resource "${urn("learning-platform:platform:DestroyGuard")}" cannot be deleted`;
    assert.deepStrictEqual(errorsOf(guard, "preview failed"), [guard, "preview failed"]);
  });
});
