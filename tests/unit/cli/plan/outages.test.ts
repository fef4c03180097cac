import assert from "node:assert/strict";

import { outageLines } from "../../../../cli/plan/outages";
import { PlanRecorder } from "../../../../cli/plan/plan";
import { TYPES } from "../../support/mocks";
import { begins, type Step } from "../support/events";

const container = (service: string, op: Step["op"], volumes: string[], before = volumes): Step => {
  const inputs = (names: string[]) => ({
    name: `lp-${service}`,
    volumes: names.map((volumeName) => ({ volumeName, containerPath: "/data" })),
  });
  return {
    ...{ op, type: TYPES.container, name: `${service}-container` },
    ...{ now: inputs(volumes), old: inputs(before) },
  };
};

describe("the outages of an update", () => {
  const away = "does not answer until the new one is healthy";
  const cases: [title: string, steps: Step[], lines: string[]][] = [
    [
      "are told of each container that is replaced, once, with the volume that keeps its data",
      (["delete-replaced", "replace", "create-replacement"] as const).map((op) =>
        container("postgres", op, ["lp-data"]),
      ),
      [
        `Replaces the container lp-postgres: PostgreSQL ${away}; its data is kept in the volume lp-data.`,
      ],
    ],
    [
      "say of a container without a volume that it keeps no data",
      [container("redpanda-console", "replace", [])],
      [`Replaces the container lp-redpanda-console: Redpanda Console ${away}; it keeps no data.`],
    ],
    [
      "claim no data for kept that was in another volume before",
      [container("redpanda", "replace", ["new"], ["old"])],
      [`Replaces the container lp-redpanda: Redpanda ${away}; it keeps no data.`],
    ],
    [
      "are none where a container is made, changed in its place or left alone",
      [
        container("postgres", "create", []),
        container("redis", "update", []),
        container("redpanda", "same", []),
      ],
      [],
    ],
  ];
  for (const [title, steps, lines] of cases) {
    it(title, () => {
      const recorder = new PlanRecorder();
      steps.map(begins).forEach(recorder.onEvent);
      assert.deepEqual(outageLines(recorder.result()), lines);
    });
  }
});
