import assert from "node:assert/strict";

import type { Plan, PlannedObject } from "../../../../cli/plan/plan";
import { leftoverFaults } from "../../../../cli/preflight/leftovers";
import { plannedContainer } from "../support/docker";

const created = (name: string): PlannedObject => ({ action: "create", name });

const planned: Pick<Plan, "containers" | "volumes" | "networks"> = {
  containers: [plannedContainer("create", "lp-postgres")],
  volumes: [created("lp-postgres-data"), created("lp-redis-data")],
  networks: [created("lp-network")],
};

const fault = (kind: string, name: string, command: string) =>
  `A ${kind} named ${name} already exists and does not belong to this stack; an interrupted run may have left it. ` +
  `If it is not needed, remove it: ${command}`;

describe("Docker objects with the names that an update needs", () => {
  it("are none where only similar names exist", () => {
    const existing = {
      containers: [{ name: "lp-postgres-2" }],
      volumes: ["other", "lp-postgres-data-2"],
      networks: ["bridge", "host"],
    };
    assert.deepStrictEqual(leftoverFaults(planned, existing), []);
  });

  it("are all refused, each with the command that removes it", () => {
    const existing = {
      containers: [{ name: "lp-postgres" }],
      volumes: ["lp-redis-data", "other", "lp-postgres-data"],
      networks: ["lp-network"],
    };
    assert.deepStrictEqual(leftoverFaults(planned, existing), [
      fault("container", "lp-postgres", "docker rm -f lp-postgres"),
      fault("volume", "lp-postgres-data", "docker volume rm lp-postgres-data"),
      fault("volume", "lp-redis-data", "docker volume rm lp-redis-data"),
      fault("network", "lp-network", "docker network rm lp-network"),
    ]);
  });

  it("of another kind are accepted", () => {
    const existing = {
      containers: [{ name: "lp-network" }],
      volumes: ["lp-network"],
      networks: ["lp-postgres-data"],
    };
    assert.deepStrictEqual(leftoverFaults(planned, existing), []);
  });

  it("are the stack's own where it keeps or replaces them", () => {
    const kept = {
      containers: [plannedContainer("replace", "lp-postgres"), plannedContainer("none", "lp-b")],
      volumes: [{ action: "none", name: "lp-data" } as const],
      networks: [{ action: "update", name: "lp-network" } as const],
    };
    const existing = {
      containers: [{ name: "lp-postgres" }, { name: "lp-b" }],
      volumes: ["lp-data"],
      networks: ["lp-network"],
    };
    assert.deepStrictEqual(leftoverFaults(kept, existing), []);
  });

  it("are refused where a container is replaced under a new name that is taken", () => {
    const renamed = { ...plannedContainer("replace", "lp-new"), replaces: "lp-postgres" };
    const existing = { containers: [{ name: "lp-new" }], volumes: [], networks: [] };
    assert.deepStrictEqual(
      leftoverFaults({ containers: [renamed], volumes: [], networks: [] }, existing),
      [fault("container", "lp-new", "docker rm -f lp-new")],
    );
  });
});
