import assert from "node:assert/strict";

import { TYPES } from "../../support/mocks";
import type { Step } from "../support/events";
import { planOf, replacement } from "../support/plan";

type Values = Record<string, unknown>;

const container = (op: Step["op"], service: string, now?: Values, old = now): Step => ({
  op,
  type: TYPES.container,
  name: `${service}-container`,
  ...(op === "create" ? {} : { old }),
  ...(op.startsWith("delete") ? {} : { now }),
});

const mount = (volumeName: string) => ({ volumeName, containerPath: "/data" });

describe("the containers of a plan", () => {
  const postgres = { name: "lp-postgres", memory: 512, ports: [{ external: 7000 }] };
  const expected = {
    ...{ service: "postgres", name: "lp-postgres", ports: [7000], memoryMb: 512 },
    keptVolumes: [] as string[],
  };

  for (const [op, action] of [
    ["create", "create"],
    ["same", "none"],
    ["update", "update"],
    ["delete", "delete"],
  ] as const) {
    it(`are read from a step ${op} with name, ports and memory`, () => {
      assert.deepStrictEqual(planOf(container(op, "postgres", postgres)).containers, [
        { action, ...expected },
      ]);
    });
  }

  it("have no ports and no memory limit where the program states none", () => {
    const [{ ports, memoryMb }] = planOf(
      container("create", "closed", { name: "closed" }),
    ).containers;
    assert.deepStrictEqual([ports, memoryMb], [[], 0]);
  });

  it("are one entry for a replacement, with the new ports and the name that becomes free", () => {
    const moved = { ...postgres, name: "edu-postgres", ports: [{ external: 7003 }] };
    const steps = replacement(container("replace", "postgres", moved, postgres));
    assert.deepStrictEqual(planOf(...steps).containers, [
      {
        ...expected,
        ...{ action: "replace", name: "edu-postgres", replaces: "lp-postgres", ports: [7003] },
      },
    ]);
  });

  const volumesAfter = (before: object[], after: object[]) => {
    const [now, old] = [after, before].map((volumes) => ({ name: "lp", volumes }));
    const [planned] = planOf(container("replace", "redpanda", now, old)).containers;
    return [planned.keptVolumes, planned.otherVolumes];
  };

  it("keep the volumes that they have before and after", () => {
    assert.deepStrictEqual(
      volumesAfter(
        [mount("old"), mount("kept")],
        [mount("kept"), mount("new"), { hostPath: "/etc" }],
      ),
      [["kept"], ["new"]],
    );
  });

  it("have no volume in place of another where one is only added", () => {
    assert.deepStrictEqual(volumesAfter([mount("data")], [mount("data"), mount("archive")]), [
      ["data"],
      undefined,
    ]);
  });
});

describe("the images of a plan", () => {
  it("are each there once, with what they are for", () => {
    const image = (name: string, image: string, op: Step["op"] = "create"): Step => ({
      op,
      type: TYPES.image,
      name,
      now: { name: image },
    });
    const plan = planOf(
      image("postgres-image", "postgres:16-alpine"),
      image("redis-image", "redis:7.4-alpine"),
      image("redis-session-image", "redis:7.4-alpine"),
      image("redpanda-image", "redpanda:v26", "same"),
      image("redpanda-console-image", "console:v3"),
      { op: "delete", type: TYPES.image, name: "postgres-image", old: { name: "postgres:15" } },
    );
    assert.deepStrictEqual(plan.images, [
      { kind: "postgres", name: "postgres:16-alpine" },
      { kind: "redis", name: "redis:7.4-alpine" },
      { kind: "redpanda", name: "redpanda:v26" },
      { kind: "console", name: "console:v3" },
    ]);
  });
});

describe("the volumes and networks of a plan", () => {
  it("are read apart, by the names that they have now", () => {
    const object = (type: string, op: Step["op"], old?: string, now?: string): Step => ({
      ...{ op, type, name: `${old ?? now}-volume` },
      old: old === undefined ? undefined : { name: old },
      now: now === undefined ? undefined : { name: now },
    });
    const { volume, network } = TYPES;
    const plan = planOf(
      ...replacement(object(volume, "replace", "lp-postgres-data", "edu-postgres-data")),
      object(volume, "create", undefined, "edu-new-data"),
      object(volume, "same", "lp-redis-data", "lp-redis-data"),
      object(volume, "update", "lp-redpanda-data", "lp-redpanda-data"),
      object(volume, "delete", "lp-old-data"),
      object(network, "create", undefined, "lp-network"),
      container("create", "postgres", { name: "lp-postgres" }),
    );
    assert.deepStrictEqual(plan.volumes, [
      { action: "replace", name: "lp-postgres-data" },
      { action: "create", name: "edu-new-data" },
      { action: "none", name: "lp-redis-data" },
      { action: "update", name: "lp-redpanda-data" },
      { action: "delete", name: "lp-old-data" },
    ]);
    assert.deepStrictEqual(plan.networks, [{ action: "create", name: "lp-network" }]);
  });
});

describe("the migrations of a plan", () => {
  interface Files {
    versioned: Record<string, string>;
    repeatable: Record<string, string>;
  }
  const migrations = (op: Step["op"], database: string, now?: Files, old?: Files): Step => ({
    op,
    type: TYPES.migrations,
    name: `${database}-migrations`,
    now: now && { database, directory: `sql/${database}`, ...now },
    old: old && { database, ...old },
  });
  const files: Files = {
    versioned: { "0001_a.sql": "a1", "0002_b.sql": "b1" },
    repeatable: { "repeatable/01_f.sql": "f1" },
  };

  it("are all files of a new database, versioned ones first", () => {
    const plan = planOf(migrations("create", "user_service_db", files));
    assert.deepStrictEqual(plan.migrations, [
      {
        database: "user_service_db",
        directory: "sql/user_service_db",
        isNew: true,
        versioned: 2,
        repeatable: 1,
        pending: [
          { name: "0001_a.sql", checksum: "a1" },
          { name: "0002_b.sql", checksum: "b1" },
          { name: "repeatable/01_f.sql", checksum: "f1" },
        ],
      },
    ]);
  });

  it("are the new files and the changed repeatable files of an existing database", () => {
    const now = {
      versioned: { ...files.versioned, "0003_c.sql": "c1" },
      repeatable: { "repeatable/01_f.sql": "f2", "repeatable/02_g.sql": "g1" },
    };
    const plan = planOf(migrations("update", "user_service_db", now, files));
    assert.deepStrictEqual(plan.migrations[0].pending, [
      { name: "0003_c.sql", checksum: "c1" },
      { name: "repeatable/01_f.sql", checksum: "f2" },
      { name: "repeatable/02_g.sql", checksum: "g1" },
    ]);
  });

  it("are none of a database that stays or is deleted", () => {
    const plan = planOf(
      migrations("same", "user_service_db", files, files),
      migrations("delete", "content_service_db", undefined, files),
    );
    assert.deepStrictEqual(plan.migrations, [
      {
        ...{ database: "user_service_db", directory: "sql/user_service_db", isNew: false },
        ...{ versioned: 2, repeatable: 1, pending: [] },
      },
    ]);
  });

  it("are in alphabetical order of the databases", () => {
    const plan = planOf(
      migrations("create", "user_service_db", files),
      migrations("create", "content_service_db", files),
    );
    const databases = plan.migrations.map(({ database }) => database);
    assert.deepStrictEqual(databases, ["content_service_db", "user_service_db"]);
  });
});
