import assert from "node:assert/strict";

import type { DockerObject } from "../../../../cli/machine/docker";
import { TYPES } from "../../../../cli/resource-types";
import { type Deployment, planRecovery } from "../../../../cli/stack/recovery-plan";
import type { ExportedResource } from "../../../../cli/stack/state";

const ENDED = "2026-11-23T10:00:00.000Z";
const NETWORK_ID = "8a1f";

const resource = (type: string, name: string): ExportedResource => ({
  urn: `urn:pulumi:dev::learning-platform::${type}::${name}`,
  type,
  inputs: { name },
});
const interrupted = (
  ...pending: [operation: string, resource: ExportedResource][]
): Deployment => ({
  manifest: { time: ENDED },
  resources: [{ ...resource(TYPES.network, "lp-network"), id: NETWORK_ID }],
  pending_operations: pending.map(([type, one]) => ({ type, resource: one })),
});
const object = (kind: DockerObject["kind"], more: Partial<DockerObject> = {}): DockerObject => ({
  kind,
  id: "77ab",
  name: "lp-postgres",
  created: "2026-11-23T10:00:02.123456789Z",
  labels: { "learning-platform.stack": "dev" },
  ...more,
});
const dev = { stack: "dev", servers: true };

describe("the recovery from a killed run", () => {
  const container = resource(TYPES.container, "lp-postgres");

  it("removes a half-created container, and forgets its creation", () => {
    const before = interrupted(["creating", container]);
    const { deployment, remove, adopt } = planRecovery(before, [object("container")], dev);
    assert.deepStrictEqual(remove, [object("container")]);
    assert.deepStrictEqual(adopt, []);
    assert.deepStrictEqual(deployment.pending_operations, []);
    assert.deepStrictEqual(deployment.resources, before.resources);
  });

  const foreign: [title: string, DockerObject[], operation?: string][] = [
    ["of another stack", [object("container", { labels: { "learning-platform.stack": "qa" } })]],
    ["without a label", [object("container", { labels: {} })]],
    ["that was created later", [object("container", { created: "2026-11-23T10:01:01Z" })]],
    ["without a creation time", [object("container", { created: "" })]],
    ["that is in the state", [object("container", { id: NETWORK_ID })]],
    ["with another name", [object("container", { name: "lp-redis" })]],
    ["that the run was updating", [object("container")], "updating"],
  ];
  for (const [title, found, operation = "creating"] of foreign) {
    it(`ignores a container ${title}`, () => {
      const { remove, adopt } = planRecovery(interrupted([operation, container]), found, dev);
      assert.deepStrictEqual([remove, adopt], [[], []]);
    });
  }

  const adopted: [type: string, found: DockerObject[], id: string][] = [
    [TYPES.volume, [object("volume", { id: "lp-postgres" })], "lp-postgres"],
    [TYPES.network, [object("network")], "77ab"],
    [TYPES.topic, [], "lp-postgres"],
    [TYPES.database, [], "lp-postgres"],
    [TYPES.role, [], "lp-postgres"],
  ];
  for (const [type, found, id] of adopted) {
    it(`adopts a ${type.slice(type.lastIndexOf(":") + 1)} that may exist`, () => {
      const pending = resource(type, "lp-postgres");
      const { deployment, adopt } = planRecovery(interrupted(["creating", pending]), found, dev);
      assert.deepStrictEqual(adopt, [{ ...pending, id, outputs: pending.inputs }]);
      assert.deepStrictEqual(deployment.resources?.slice(1), adopt);
    });
  }

  it("forgets a volume that does not exist, and what can be created twice", () => {
    const pending = [TYPES.volume, "pulumi-nodejs:dynamic/kafka:Rights", TYPES.migrations];
    const before = interrupted(
      ...pending.map((type): [string, ExportedResource] => ["creating", resource(type, "x")]),
    );
    const { deployment, adopt } = planRecovery(before, [], dev);
    assert.deepStrictEqual(adopt, []);
    assert.deepStrictEqual(deployment.pending_operations, []);
  });

  it("adopts nothing on servers that are going to be destroyed", () => {
    const before = interrupted(["creating", resource(TYPES.topic, "user-events")]);
    assert.deepStrictEqual(planRecovery(before, [], { ...dev, servers: false }).adopt, []);
  });
});
