import assert from "node:assert/strict";

import { passwordStatement } from "../../../../cli/recover/beside";
import { archivedVolume, replicaFaults, serversOf } from "../../../../cli/recover/servers";
import { TYPES } from "../../../../cli/resource-types";
import type { StackResource } from "../../../../cli/stack/state";

const resource = (
  type: string,
  name: string,
  inputs: Record<string, unknown>,
  outputs: Record<string, unknown> = {},
): StackResource => ({
  ...{ urn: `urn:pulumi:dev::learning-platform::${type}::${name}`, type, id: name },
  ...{ protect: false, isLeftover: false, inputs, outputs },
});

const WITHOUT = [
  resource(TYPES.container, "postgres-container", { name: "lp-postgres", image: "sha256:1" }),
  resource(TYPES.volume, "postgres-data", { name: "lp-postgres-data" }),
  resource(TYPES.password, "postgres-password", {}, { result: "super" }),
  resource(TYPES.role, "user-service-owner", { name: "user_service_owner" }),
  resource(TYPES.role, "user-service-app", { name: "user_service_app", password: "secret" }),
];
const ARCHIVE = [
  resource(TYPES.container, "wal-archiver-container", { name: "lp-wal-archiver" }),
  resource(TYPES.volume, "wal-archiver-data", { name: "lp-wal-archiver-data" }),
];

describe("the servers of a recovery", () => {
  it("are those of the state, with the passwords of all roles that log in", () => {
    assert.deepEqual(serversOf("dev", [...WITHOUT, ...ARCHIVE]), {
      ...{ stack: "dev", postgres: "lp-postgres", archiver: "lp-wal-archiver", image: "sha256:1" },
      ...{ data: "lp-postgres-data", archive: "lp-wal-archiver-data" },
      superuser: { role: "postgres", password: "super" },
      logins: [{ role: "user_service_app", password: "secret" }],
    });
  });

  it("are refused where the stack has no archive, or runs no PostgreSQL", () => {
    for (const resources of [WITHOUT, ARCHIVE, []]) {
      assert.throws(
        () => serversOf("dev", resources),
        /Stack dev has no archive of PostgreSQL's WAL/,
      );
    }
  });
});

describe("the volume that a recovery can bring back", () => {
  it("is in the state, also without containers", () => {
    const volumes = [...WITHOUT, ...ARCHIVE].filter(({ type }) => type === TYPES.volume);
    assert.deepEqual(archivedVolume(volumes), { name: "lp-postgres-data", labels: [] });
    assert.equal(archivedVolume(WITHOUT), undefined);
  });
});

describe("a recovery of a stack with replicas", () => {
  it("is refused, with what to do", () => {
    assert.deepEqual(replicaFaults("dev", [...WITHOUT, ...ARCHIVE]), []);
    const slot = resource(TYPES.replicaSlot, "postgres-replica-1-slot", {});
    const [fault] = replicaFaults("dev", [...WITHOUT, ...ARCHIVE, slot]);
    assert.match(fault, /cannot follow a server that goes back\. Set postgresReplicas to 0/);
  });
});

describe("the statement that gives a recovered role the stack's password", () => {
  it("changes a role that is there alone, and quotes what it is given", () => {
    assert.equal(
      passwordStatement({ role: "o'brien", password: "it's" }),
      "select format('alter role %I password %L', rolname, 'it''s') from pg_roles where rolname = 'o''brien' \\gexec",
    );
  });
});
