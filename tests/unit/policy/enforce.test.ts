import assert from "node:assert/strict";
import { inspect } from "node:util";

import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";

import { enforcePolicy, PolicyError } from "../../../policy/enforce";
import { type Recorded, recordResources, settled, TYPES } from "../support/mocks";
import { loading } from "../support/program";

/** Runs a program under the policy; an error that ends it is caught as the engine's host does. */
async function enforced(program: () => void): Promise<{ recorded: Recorded; error?: Error }> {
  const recorded = recordResources("learning-platform", "long");
  const events = ["uncaughtException", "unhandledRejection"] as const;
  const others = events.map((event) => process.listeners(event as "uncaughtException"));
  const errors: Error[] = [];
  events.forEach((event) => {
    process.removeAllListeners(event);
    process.on(event, (error: Error) => errors.push(error));
  });
  try {
    await pulumi.runtime.runInPulumiStack(async () => {
      enforcePolicy({ protect: true, allowDataLoss: [], brokers: 1 });
      program();
    });
    // The verdict comes in the turn of the event loop after the program; so do what it lets go on.
    for (let turn = 0; turn < 20; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (errors.length === 0) {
      await settled();
    }
  } finally {
    events.forEach((event, index) => {
      process.removeAllListeners(event);
      others[index].forEach((listener) => process.on(event, listener));
    });
  }
  return { recorded, error: errors[0] };
}

const PROTECTED = { protect: true };

describe("a program under the policy", function () {
  this.timeout(10_000);

  before(loading(async () => void (await enforced(() => undefined))));

  it("creates the resources that the policy allows, with their dependencies", async () => {
    const { recorded, error } = await enforced(() => {
      const volume = new docker.Volume("kept", { name: "kept" }, PROTECTED);
      new docker.RemoteImage("pinned", { name: "redis:7.4" }, { dependsOn: [volume] });
    });
    assert.strictEqual(error, undefined);
    assert.deepStrictEqual(recorded.only(TYPES.image).dependsOn, [`${TYPES.volume}::kept`]);
    assert.deepStrictEqual(recorded.only(TYPES.image).inputs, { name: "redis:7.4" });
  });

  it("creates nothing if one resource breaks a rule, and lists all violations at once", async () => {
    const { recorded, error } = await enforced(() => {
      new docker.Volume("kept", { name: "kept" }, PROTECTED);
      new docker.Volume("bare", { name: "bare" });
      new docker.RemoteImage("moving", { name: "redis:latest" });
    });
    assert.ok(error instanceof PolicyError);
    assert.deepStrictEqual(error.message.split("\n"), [
      "The policy forbids what stack long would create:",
      "  docker:index/volume:Volume bare: protect is false; allowed: true in a protected stack, " +
        "unless learning-platform:allowDataLoss names bare.",
      '  docker:index/remoteImage:RemoteImage moving: name is "redis:latest"; allowed: a name with a digest ' +
        "or a tag other than latest.",
    ]);
    assert.deepStrictEqual(recorded.resources, []);
  });

  it("reports an input that becomes known later, and does not create its resource", async () => {
    const { recorded, error } = await enforced(() => {
      const volume = new docker.Volume("kept", { name: "kept" }, PROTECTED);
      const name = volume.name.apply((known) => `${known}:latest`);
      new docker.RemoteImage("late", { name });
    });
    assert.match(String(error?.message), /RemoteImage late: name is "kept:latest"/);
    assert.ok(inspect(error).length < 1_000, "an inspected error does not drag the program along");
    assert.deepStrictEqual(
      recorded.resources.map(({ name }) => name),
      ["kept"],
    );
  });

  it("keeps checked inputs secret", async () => {
    const { recorded, error } = await enforced(() => {
      new docker.RemoteImage("hidden", { name: pulumi.secret("redis:7.4") });
    });
    assert.strictEqual(error, undefined);
    assert.deepStrictEqual(recorded.only(TYPES.image).secretInputs, ["name"]);
  });
});
