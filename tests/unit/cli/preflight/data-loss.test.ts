import assert from "node:assert/strict";

import { PlanRecorder } from "../../../../cli/plan/recorder";
import { dataLossFaults } from "../../../../cli/preflight/data-loss";
import { TYPES } from "../../support/mocks";
import { says, type Step } from "../support/events";
import { planOf } from "../support/plan";

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
      "a deleted topic is refused with the key that allows it",
      step("topic", "delete", false),
      ["other"],
      "The topic kept would be deleted with its records, because the program no longer has it. " +
        "Restore it in the program, or add kept to learning-platform:allowDataLoss.",
    ],
    [
      "a deleted, protected database is refused with the steps that the engine needs",
      step("database", "delete", true),
      [],
      "The database kept would be deleted with its tables, because the program no longer has it. It is protected: " +
        "restore it in the program, add kept to learning-platform:allowDataLoss, run up, and then remove it.",
    ],
    [
      "a deleted volume that is allowed and still protected is refused in the same way",
      step("volume", "delete", true),
      ["kept"],
      "The volume kept would be deleted with its files, because the program no longer has it. It is protected: " +
        "restore it in the program, add kept to learning-platform:allowDataLoss, run up, and then remove it.",
    ],
    [
      "a topic that loses partitions is refused with their numbers",
      step("topic", "replace", true, shrunk),
      [],
      "The topic kept would be recreated without its records: Kafka cannot reduce its partitions from 3 to 2. " +
        "Undo that change, or add kept to learning-platform:allowDataLoss.",
    ],
    [
      "a topic that is recreated for another reason is refused, too",
      step("topic", "replace", false),
      [],
      "The topic kept would be recreated without its records. Undo that change, or add kept to " +
        "learning-platform:allowDataLoss.",
    ],
    [
      "a recreated database is refused even where it is allowed, because no migration would run on it",
      step("database", "replace", false),
      ["kept"],
      "The database kept would be recreated without its tables. Undo that change.",
    ],
    [
      "a topic may be deleted where it is allowed",
      step("topic", "delete", false),
      ["kept"],
      undefined,
    ],
    [
      "a protected topic may lose partitions where that is allowed",
      step("topic", "replace", true, shrunk),
      ["kept"],
      undefined,
    ],
    ["an in-place update of a topic loses nothing", step("topic", "update", true), [], undefined],
    [
      "the parts of a replacement are not reported again",
      step("topic", "delete-replaced", false),
      [],
      undefined,
    ],
    [
      "a resource without data is accepted",
      { op: "delete", type: TYPES.rights, name: "right", old: { name: "kept" } },
      [],
      undefined,
    ],
    [
      "a replaced volume is refused elsewhere (volumes.ts)",
      step("volume", "replace", true),
      [],
      undefined,
    ],
  ];
  for (const [title, planned, allowed, fault] of cases) {
    it(`is refused or accepted: ${title}`, () => {
      assert.deepStrictEqual(dataLossFaults(planOf(planned).losses, allowed), fault ? [fault] : []);
    });
  }

  const urn = (type: string) =>
    `urn:pulumi:dev::learning-platform::learning-platform:events:EventTopics$${type}::x`;
  const read = (...errors: string[]) => {
    const recorder = new PlanRecorder();
    errors.forEach((error) => recorder.onEvent(says("error", error)));
    const { errors: others, protectionErrors } = recorder.result();
    return { others, protectionErrors };
  };

  it("replaces the engine's protection errors, which name a URN only", () => {
    const deleted = `Preview failed: resource "${urn(TYPES.topic)}" cannot be deleted\nbecause it is protected.`;
    const replaced = `unable to replace resource "${urn(TYPES.database)}"\nas it is currently marked for protection.`;
    assert.deepStrictEqual(read(deleted, replaced, "no such file", "preview failed"), {
      others: ["no such file"],
      protectionErrors: [deleted, replaced],
    });
  });

  it("leaves every other error, and those of protected resources without data", () => {
    const guard = `resource "${urn("learning-platform:platform:DestroyGuard")}" cannot be deleted`;
    assert.deepStrictEqual(read(guard, "preview failed"), {
      others: [guard, "preview failed"],
      protectionErrors: [],
    });
  });
});
