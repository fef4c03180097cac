import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

import { checkEventData, EventDataError } from "../../../client/src/events/event-check";
import type { EventData } from "../../../client/src/schema/event-data";

const userId = randomUUID();
const refusal = (type: string, data: unknown): string => {
  try {
    checkEventData({ type, data });
    return "";
  } catch (error) {
    assert.ok(error instanceof EventDataError);
    return error.message;
  }
};

describe("the check of an event's data", () => {
  it("takes what the schema of its type allows, and properties that it does not name", () => {
    const data: EventData["user.role-changed.v1"] = { userId, role: "ADMIN", change: "GRANTED" };
    assert.strictEqual(refusal("user.role-changed.v1", data), "");
    assert.strictEqual(refusal("user.deleted.v1", { userId, other: 1 }), "");
  });

  it("takes everything of a type that the platform does not have", () => {
    assert.strictEqual(refusal("course.opened.v1", undefined), "");
    assert.strictEqual(refusal("toString", {}), "");
  });

  it("names each fault, and no value", () => {
    const text = refusal("user.role-changed.v1", { userId: "secret", change: "LOST" });
    assert.strictEqual(
      text,
      "An event user.role-changed.v1 does not fit its schema: " +
        "data must have required property 'role'; " +
        'data.userId must match format "uuid"; ' +
        "data.change must be equal to one of the allowed values",
    );
    assert.match(refusal("user.deleted.v1", undefined), /data must be object/);
  });

  it("judges the data as it is written: dates are texts, undefined is absent", () => {
    const data = {
      userId,
      role: "ADMIN",
      change: "GRANTED",
      expiresAt: new Date(),
      changedBy: undefined,
    };
    assert.strictEqual(refusal("user.role-changed.v1", data), "");
  });
});
