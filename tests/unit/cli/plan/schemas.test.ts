import assert from "node:assert/strict";

import { schemaLines } from "../../../../cli/plan/lines";
import { TYPES } from "../../support/mocks";
import type { Step } from "../support/events";
import { planOf } from "../support/plan";

type Schemas = Record<string, Record<string, string[]>>;

const step = (op: Step["op"], now?: Schemas, old?: Schemas, more = {}): Step => ({
  ...{ op, type: TYPES.schemas, name: "event-schemas" },
  ...(now && { now: { schemas: now, ...more } }),
  ...(old && { old: { schemas: old, ...more } }),
});

describe("the schemas of a plan", () => {
  it("are the versions that are new, by topic and type", () => {
    const old = { "user-events": { "user.deleted.v1": ["a"], "user.updated.v1": ["c"] } };
    const now = {
      "user-events": { "user.deleted.v1": ["a", "b"], "user.updated.v1": ["c"] },
      "agent-events": { "agent.failed.v1": ["d"] },
    };
    const { schemas } = planOf(step("update", now, old));
    assert.deepStrictEqual(schemas, [
      { topic: "agent-events", type: "agent.failed.v1", version: 1, action: "register" },
      { topic: "user-events", type: "user.deleted.v1", version: 2, action: "register" },
    ]);
    assert.deepStrictEqual(schemaLines(schemas), [
      "Event schemas:",
      "  agent-events: agent.failed.v1 version 1",
      "  user-events: user.deleted.v1 version 2",
    ]);
  });

  it("are those that the program no longer has, and what becomes of them", () => {
    const old = { "user-events": { "user.deleted.v1": ["a", "b"], "user.updated.v1": ["c"] } };
    const now = { "user-events": { "user.updated.v1": ["c"] } };
    assert.deepStrictEqual(schemaLines(planOf(step("update", now, old)).schemas), [
      "Event schemas:",
      "  user-events: user.deleted.v1 stays for stored events",
    ]);
    assert.deepStrictEqual(
      schemaLines(planOf(step("delete", undefined, old, { deletes: true })).schemas),
      ["Event schemas:", "  user-events: user.deleted.v1 is deleted, user.updated.v1 is deleted"],
    );
  });

  it("are none where nothing changes, or nothing is known yet", () => {
    const same = { "user-events": { "user.deleted.v1": ["a"] } };
    assert.deepStrictEqual(planOf(step("same", same, same)).schemas, []);
    assert.deepStrictEqual(schemaLines([]), []);
    const unknown = { ...step("create"), now: { schemas: "unknown" } };
    assert.deepStrictEqual(planOf(unknown).schemas, []);
  });
});
