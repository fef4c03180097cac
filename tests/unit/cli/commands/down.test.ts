import assert from "node:assert/strict";

import { serversToRemove } from "../../../../cli/commands/down";
import { TYPES } from "../../../../cli/resource-types";
import type { StackResource } from "../../../../cli/stack/state";

const resource = (type: string, name: string, id: string): StackResource => ({
  urn: `urn:pulumi:dev::learning-platform::${type}::${name}`,
  ...{ type, id, protect: false, isLeftover: false, inputs: {}, outputs: {} },
});

const SERVERS = [
  resource(TYPES.container, "postgres-container", "a1"),
  resource(TYPES.container, "redis-container", "b2"),
];

describe("the servers of a stack that is destroyed", () => {
  it("are its containers, by the ids that Docker gave them", () => {
    const others = [
      resource(TYPES.volume, "postgres-data", "lp-postgres-data"),
      // Its creation failed before Docker gave it one.
      resource(TYPES.container, "redpanda-container", ""),
    ];
    assert.deepEqual(serversToRemove([...SERVERS, ...others]), ["a1", "b2"]);
  });

  it("stop in order where an archive is to get the last of the WAL", () => {
    const archiver = resource(TYPES.container, "wal-archiver-container", "c3");
    assert.deepEqual(serversToRemove([...SERVERS, archiver]), []);
  });
});
