import assert from "node:assert/strict";

import type { DockerObject } from "../../../../cli/machine/docker";
import { TYPES } from "../../../../cli/resource-types";
import { type Deployment, mend } from "../../../../cli/stack/interruption";
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

describe("After a run that was killed", () => {
  const container = resource(TYPES.container, "lp-postgres");

  it("a container that it had begun is removed, and its creation forgotten", () => {
    const before = interrupted(["creating", container]);
    const { deployment, remove, adopt } = mend(before, [object("container")], dev);
    assert.deepStrictEqual(remove, [object("container")]);
    assert.deepStrictEqual(adopt, []);
    assert.deepStrictEqual(deployment.pending_operations, []);
    assert.deepStrictEqual(deployment.resources, before.resources);
  });

  const foreign: [title: string, DockerObject[], operation?: string][] = [
    ["of another stack", [object("container", { labels: { "learning-platform.stack": "qa" } })]],
    ["without a label", [object("container", { labels: {} })]],
    ["of a later time", [object("container", { created: "2026-11-23T10:01:01Z" })]],
    ["of a time that is not told", [object("container", { created: "" })]],
    ["that the state knows", [object("container", { id: NETWORK_ID })]],
    ["of another name", [object("container", { name: "lp-redis" })]],
    ["that it was changing, not making", [object("container")], "updating"],
  ];
  for (const [title, found, operation = "creating"] of foreign) {
    it(`a container ${title} is left alone`, () => {
      const { remove, adopt } = mend(interrupted([operation, container]), found, dev);
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
    it(`a ${type.slice(type.lastIndexOf(":") + 1)} that may be there is taken over`, () => {
      const pending = resource(type, "lp-postgres");
      const { deployment, adopt } = mend(interrupted(["creating", pending]), found, dev);
      assert.deepStrictEqual(adopt, [{ ...pending, id, outputs: pending.inputs }]);
      assert.deepStrictEqual(deployment.resources?.slice(1), adopt);
    });
  }

  it("a volume that is not there is made anew, and so is what can be made twice", () => {
    const pending = [TYPES.volume, "pulumi-nodejs:dynamic/kafka:Rights", TYPES.migrations];
    const before = interrupted(
      ...pending.map((type): [string, ExportedResource] => ["creating", resource(type, "x")]),
    );
    const { deployment, adopt } = mend(before, [], dev);
    assert.deepStrictEqual(adopt, []);
    assert.deepStrictEqual(deployment.pending_operations, []);
  });

  it("what is on servers that are to go is not asked for", () => {
    const before = interrupted(["creating", resource(TYPES.topic, "user-events")]);
    assert.deepStrictEqual(mend(before, [], { ...dev, servers: false }).adopt, []);
  });
});
