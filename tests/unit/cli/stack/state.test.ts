import assert from "node:assert/strict";

import type { Stack } from "@pulumi/pulumi/automation";

import { FaultError } from "../../../../cli/fault";
import { TYPES } from "../../../../cli/resource-types";
import { outputsOf } from "../../../../cli/stack/outputs";
import { readState } from "../../../../cli/stack/state";
import { stackResource } from "../support/state";

const secret = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  plaintext: JSON.stringify(value),
});

/** What the engine exports of a stack with one resource. */
const exporting = (outputs: object) =>
  ({
    exportStack: () =>
      Promise.resolve({
        version: 3,
        deployment: { resources: [{ urn: "urn:stack", type: TYPES.stack, outputs }] },
      }),
  }) as unknown as Stack;

describe("the state of a stack", () => {
  it("has its secrets in clear, also inside of others", async () => {
    const stack = exporting({
      services: { "user-service": secret({ kafka: { password: "p" } }) },
      administrators: secret({ kafka: { password: "q" } }),
      list: [secret("a"), null, 1],
    });
    const [{ outputs }] = await readState({ stack });
    assert.deepStrictEqual(outputs, {
      services: { "user-service": { kafka: { password: "p" } } },
      administrators: { kafka: { password: "q" } },
      list: ["a", null, 1],
    });
  });

  it("has outputs only once an update has ended", () => {
    const outputs = { services: {}, accessPoints: {} };
    assert.deepStrictEqual(outputsOf("dev", [stackResource(TYPES.stack, "u", outputs)]), outputs);
    for (const resources of [[], [stackResource(TYPES.stack, "u", {})]]) {
      assert.throws(
        () => outputsOf("dev", resources),
        (error) => error instanceof FaultError && /npm run up -- --stack dev/.test(error.message),
      );
    }
  });
});
