import assert from "node:assert/strict";

import { memoryFaults, neededMemoryMb } from "../../../../cli/preflight/memory";
import { TYPES } from "../../support/mocks";
import type { Step } from "../support/events";
import { planOf, replacement } from "../support/plan";

describe("the memory that containers need", () => {
  const container = (op: Step["op"], name: string, memory: number): Step => ({
    ...{ op, type: TYPES.container, name, old: { name, memory } },
    ...(op.startsWith("delete") ? {} : { now: { name, memory } }),
  });

  it("is the sum of the limits of the containers that exist after the update", () => {
    const plan = planOf(
      container("create", "lp-postgres", 512),
      container("same", "lp-redpanda", 1280),
      container("delete", "lp-old", 512),
    );
    assert.strictEqual(neededMemoryMb(plan.containers), 512 + 1280);
  });

  it("counts a replaced container once", () => {
    const plan = planOf(
      ...replacement(container("replace", "lp-postgres", 512)),
      container("same", "lp-redpanda", 1280),
    );
    assert.strictEqual(neededMemoryMb(plan.containers), 512 + 1280);
  });

  it("is enough where Docker has the limits and 512 MiB for the system", () => {
    assert.deepStrictEqual(memoryFaults(2_240, 2_752), []);
  });

  it("is refused with what there is and the keys that lower it, where it is not enough", () => {
    const [fault, ...others] = memoryFaults(2_240, 2_751);
    assert.deepStrictEqual(others, []);
    assert.match(fault, /need 2752 MiB; Docker has 2751 MiB/);
    for (const key of ["redpanda", "postgres", "redis", "console"]) {
      assert.match(fault, new RegExp(`:${key}MemoryMb`));
    }
  });
});
