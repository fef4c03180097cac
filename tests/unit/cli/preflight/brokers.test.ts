import assert from "node:assert/strict";

import type { Action, PlannedContainer } from "../../../../cli/plan/plan";
import { brokerFaults } from "../../../../cli/preflight/brokers";

const container = (service: string, action: Action): PlannedContainer => ({
  ...{ action, service, name: `edu-${service}` },
  ...{ ports: [], memoryMb: 1_024, keptVolumes: [] },
});

describe("brokers of a plan", () => {
  it("may come, stay, be replaced, and go with the whole cluster", () => {
    for (const [first, others] of [
      ["replace", "create"],
      ["none", "none"],
      ["update", "replace"],
      ["delete", "delete"],
    ] as const) {
      const planned = ["redpanda-2", "redpanda-3"].map((service) => container(service, others));
      assert.deepStrictEqual(brokerFaults([container("redpanda", first), ...planned]), []);
    }
  });

  it("may not go while one stays: it would have no majority", () => {
    const [fault, ...more] = brokerFaults([
      container("redpanda", "replace"),
      container("redpanda-2", "delete"),
      container("redpanda-3", "delete"),
      container("redpanda-console", "delete"),
    ]);
    assert.match(fault, /^The brokers edu-redpanda-2 and edu-redpanda-3 would be removed/);
    assert.match(fault, /Keep learning-platform:brokers at 3\./);
    assert.deepStrictEqual(more, []);
  });
});
