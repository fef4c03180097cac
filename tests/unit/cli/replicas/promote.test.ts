import assert from "node:assert/strict";

import { findPromotion, formerFolder, swapScript } from "../../../../cli/replicas/promote";
import { describeReplica } from "../../../../cli/replicas/read";
import type { StackResource } from "../../../../cli/stack/state";
import { judgeReplica } from "../../../../cli/verify/replicas";
import { Folders, skipOnWindows } from "../../support/folders";

const resource = (type: string, name: string, inputs: object) =>
  ({ urn: `urn:pulumi:dev::p::${type}::${name}`, type, inputs }) as unknown as StackResource;
const server = (role: string) => [
  resource("docker:index/container:Container", `${role}-container`, {
    ...{ name: `lp-${role}`, image: "sha256:1" },
  }),
  resource("docker:index/volume:Volume", `${role}-data`, {
    ...{ name: `lp-${role}-data`, labels: [{ label: "a", value: "b" }] },
  }),
];
const RESOURCES = [
  ...server("postgres"),
  ...server("postgres-replica-1"),
  resource("pulumi-nodejs:dynamic/database:ReplicaSlot", "postgres-replica-1-slot", {
    ...{ host: "localhost", port: 5432, adminUsername: "postgres", adminPassword: "pw" },
    ...{ replica: "postgres-replica-1", slot: "postgres_replica_1" },
  }),
];
const ACCESS_POINTS = {
  postgres: { address: "localhost:5432", container: "lp-postgres" },
  postgresReplica1: { address: "localhost:5433", container: "lp-postgres-replica-1" },
};

describe("a promotion", () => {
  it("finds the volumes of both, and asks the replica at its own address", () => {
    const { primary, replica, login } = findPromotion("postgres-replica-1", RESOURCES, {
      accessPoints: ACCESS_POINTS,
    });
    assert.strictEqual(primary.volume, "lp-postgres-data");
    assert.strictEqual(replica.volume, "lp-postgres-replica-1-data");
    assert.deepStrictEqual(primary.labels, [{ label: "a", value: "b" }]);
    assert.deepStrictEqual([login.port, login.adminUsername], [5433, "postgres"]);
  });

  it("refuses what is no replica, and names those that are", () => {
    for (const name of ["postgres", "postgres-replica-2"]) {
      assert.throws(
        () => findPromotion(name, RESOURCES, { accessPoints: ACCESS_POINTS }),
        /The stack has no replica \S+\. It has: postgres-replica-1\./,
      );
    }
  });

  it("keeps the former data in a folder with the time in its name", () => {
    assert.strictEqual(
      formerFolder(new Date("2026-03-04T05:06:07.890Z")),
      "former-primary-2026-03-04T050607",
    );
  });
});

describe("the data of a promoted replica", () => {
  let folders: Folders;
  before(skipOnWindows);
  beforeEach(() => {
    folders = new Folders();
    folders.write("primary", { PG_VERSION: "16", base: "old" });
    folders.write("replica/copy", { PG_VERSION: "16", base: "new", "standby.signal": "" });
  });
  afterEach(() => folders.remove());
  const swap = (failing?: string) =>
    folders.run(swapScript(folders.path("primary"), folders.path("replica")), ["former"], failing);

  it("takes the place of the primary's, which stays in a folder", () => {
    assert.strictEqual(swap().status, 0);
    assert.deepStrictEqual(folders.read("primary"), {
      ...{ PG_VERSION: "16", base: "new", "standby.signal": "" },
    });
    assert.deepStrictEqual(folders.read("replica/former"), { PG_VERSION: "16", base: "old" });
    assert.ok(!folders.exists("replica/copy"));
  });

  for (const what of ["primary/base", "primary/.next/base"]) {
    it(`stays whole where ${what} cannot be moved, and can be moved again`, () => {
      assert.notStrictEqual(swap(`mv ${folders.path(what)}`).status, 0);
      assert.strictEqual(folders.read("replica/copy").base, "new");
      assert.ok(folders.read("primary").base !== "new" || !folders.exists("primary/PG_VERSION"));
      const again = swapScript(folders.path("primary"), folders.path("replica"));
      assert.strictEqual(folders.run(again, ["later"]).status, 0);
      assert.strictEqual(folders.read("primary").base, "new");
    });
  }
});

describe("a replica", () => {
  const name = "postgres-replica-1";
  const CASES = [
    ["right", { name, follows: true, lagSeconds: 0.04, keptBytes: 0 }, "follows, 0.0 s behind"],
    ["right", { name, follows: true, lagSeconds: 10 }, "follows, 10.0 s behind"],
    ["wrong", { name, follows: true, lagSeconds: 10.1 }, "follows, 10.1 s behind"],
    [
      "wrong",
      { name, follows: false, keptBytes: 3_000_000 },
      "does not follow, and the primary keeps 3 MiB for it",
    ],
    ["wrong", { name, follows: false }, "does not follow, and will be copied anew"],
  ] as const;
  for (const [verdict, replica, text] of CASES) {
    it(`that ${text} is ${verdict}`, () => {
      assert.strictEqual(describeReplica(replica), text);
      assert.strictEqual(judgeReplica(replica).verdict, verdict);
    });
  }
});
