import assert from "node:assert/strict";

import { TYPES } from "../../../../cli/resource-types";
import type { StackResource } from "../../../../cli/stack/state";
import { replicaFaults, serverOf, volumeOf } from "../../../../cli/upgrade/server";

const resource = (
  type: string,
  name: string,
  inputs: Record<string, unknown>,
  outputs: Record<string, unknown> = {},
): StackResource => ({
  ...{ urn: `urn:pulumi:dev::learning-platform::${type}::${name}`, type, id: name },
  ...{ protect: false, isLeftover: false, inputs, outputs },
});

const labels = [{ label: "learning-platform.stack", value: "dev" }];
const SERVER = [
  resource(TYPES.container, "postgres-container", { name: "lp-postgres", image: "sha256:1" }),
  resource(TYPES.volume, "postgres-data", { name: "lp-postgres-17-data", labels }),
  resource(TYPES.password, "postgres-password", {}, { result: "super" }),
  resource(TYPES.role, "user-service-app", { name: "user_service_app", password: "secret" }),
];

describe("the server of an upgrade", () => {
  it("is that of the state, with its version by its volume", () => {
    assert.deepEqual(serverOf("dev", SERVER), {
      ...{ stack: "dev", container: "lp-postgres", image: "sha256:1", labels, archives: false },
      ...{ volume: "lp-postgres-17-data", major: 17 },
      superuser: { role: "postgres", password: "super" },
      logins: [{ role: "user_service_app", password: "secret" }],
    });
    const archiver = resource(TYPES.container, "wal-archiver-container", {});
    assert.equal(serverOf("dev", [...SERVER, archiver]).archives, true);
  });

  it("has the other versions on volumes with the same prefix", () => {
    const server = serverOf("dev", SERVER);
    assert.equal(volumeOf(server, 16), "lp-postgres-data");
    assert.equal(volumeOf(server, 18), "lp-postgres-18-data");
  });

  it("is refused where the stack runs none", () => {
    for (const missing of SERVER.slice(0, 3)) {
      const resources = SERVER.filter((each) => each !== missing);
      assert.throws(
        () => serverOf("dev", resources),
        /Stack dev runs no PostgreSQL in a container/,
      );
    }
  });

  it("is refused with replicas, with what to do", () => {
    assert.deepEqual(replicaFaults("dev", SERVER), []);
    const slot = resource(TYPES.replicaSlot, "postgres-replica-1-slot", {});
    assert.match(replicaFaults("dev", [...SERVER, slot])[0], /Set postgresReplicas to 0/);
  });
});
