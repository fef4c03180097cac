import assert from "node:assert/strict";

import { migrationLines } from "../../../../cli/migrations/pending-files";
import {
  countChanges,
  hasWork,
  keptResources,
  keptVolumes,
  logicalName,
  neededImages,
  newContainers,
  newNames,
  plainText,
  plannedMemoryMb,
  plannedMigrations,
  PlanRecorder,
  protectionChanges,
  replacedVolumes,
  unchangedResources,
} from "../../../../cli/plan/plan";
import { TYPES } from "../../support/mocks";
import { begins, ends, metadata, says, type Step } from "../support/events";

function planOf(...steps: Step[]) {
  const recorder = new PlanRecorder();
  steps.map(begins).forEach(recorder.onEvent);
  return recorder.result();
}

const postgres = { name: "lp-postgres", memory: 512, ports: [{ internal: 5432, external: 7000 }] };
const redpanda = {
  name: "lp-redpanda",
  memory: 1280,
  ports: [{ external: 7001 }, { external: 7002 }],
};

type Values = Record<string, unknown>;

const container = (op: Step["op"], inputs: Record<string, unknown>): Step => ({
  op,
  type: TYPES.container,
  name: `${String(inputs.name)}-container`,
  ...(op === "create" ? {} : { old: inputs }),
  ...(op.startsWith("delete") ? {} : { now: inputs }),
});

/** A container whose ports, say, changed: three steps of one resource, as the engine tells of it. */
const replaced = (inputs: Record<string, unknown>): Step[] =>
  (["delete-replaced", "replace", "create-replacement"] as const).map((op) =>
    container(op, inputs),
  );

describe("a plan", () => {
  it("holds the steps and errors of a preview, the errors as a person reads them", () => {
    const recorder = new PlanRecorder();
    recorder.onEvent(begins(container("create", postgres)));
    recorder.onEvent(says("error", "<{%reset%}>Port is <{%fg 1%}>taken<{%reset%}>\n"));
    recorder.onEvent(says("warning", "beware"));
    recorder.onEvent(says("info", "well"));
    const { steps, errors } = recorder.result();
    assert.deepStrictEqual(
      steps.map(({ op }) => op),
      ["create"],
    );
    assert.deepStrictEqual(errors, ["Port is taken"]);
  });

  const outputs: [title: string, old: Values | undefined, now: Values, change: boolean][] = [
    ["the same", { points: { kafka: "a" } }, { points: { kafka: "a" } }, false],
    ["others", { points: { kafka: "a" } }, { points: { kafka: "b" } }, true],
    ["more", { points: {} }, { points: {}, services: {} }, true],
    ["the first", undefined, { points: {} }, true],
  ];
  for (const [title, old, now, change] of outputs) {
    it(`${change ? "sees" : "sees no"} change where the stack's outputs are ${title}`, () => {
      const recorder = new PlanRecorder();
      recorder.onEvent(ends({ op: "same", type: "pulumi:pulumi:Stack", name: "s", old, now }));
      assert.strictEqual(recorder.result().outputsChange, change);
    });
  }

  it("sees no change of the stack's outputs in those of another resource", () => {
    const recorder = new PlanRecorder();
    recorder.onEvent(ends(container("create", postgres)));
    assert.strictEqual(recorder.result().outputsChange, false);
  });

  it("counts what changes, and not what stays", () => {
    const type = TYPES.topic;
    const plan = planOf(
      { op: "create", type, name: "a", now: {} },
      { op: "create", type, name: "b", now: {} },
      { op: "update", type, name: "c", now: {}, old: {} },
      { op: "delete", type, name: "d", old: {} },
      { op: "same", type, name: "e", now: {}, old: {} },
      { op: "read", type, name: "f", now: {} },
      { op: "refresh", type, name: "g", now: {}, old: {} },
    );
    assert.deepStrictEqual(countChanges(plan), { create: 2, update: 1, delete: 1 });
  });

  it("counts in the same order, whatever resource is registered first", () => {
    const created: Step = { op: "create", type: TYPES.topic, name: "a", now: {} };
    const updated: Step = { op: "update", type: TYPES.topic, name: "b", now: {}, old: {} };
    for (const steps of [
      [created, updated],
      [updated, created],
    ]) {
      assert.deepStrictEqual(Object.keys(countChanges(planOf(...steps))), ["create", "update"]);
    }
  });

  it("counts a provider of the program's, and none of the engine's own", () => {
    const provider = (plugin: string, name: string) =>
      ({ op: "update", type: `pulumi:providers:${plugin}`, name, now: {}, old: {} }) as const;
    const plan = planOf(
      provider("pulumi-nodejs", "default"),
      provider("docker", "default_5_2_0"),
      provider("postgresql", "postgres-provider"),
    );
    assert.deepStrictEqual(countChanges(plan), { update: 1 });
    // What they hold is still to be written down.
    assert.strictEqual(hasWork(planOf(provider("pulumi-nodejs", "default"))), true);
  });

  it("counts a replacement once, though it is told in three steps", () => {
    const plan = planOf(
      ...replaced(postgres),
      ...replaced(redpanda),
      container("create", { name: "lp-redis" }),
      container("delete", { name: "lp-old" }),
    );
    assert.deepStrictEqual(countChanges(plan), { replace: 2, create: 1, delete: 1 });
  });

  it("knows what must be free on the host: names and ports of new containers alone", () => {
    const plan = planOf(
      container("create", postgres),
      container("create", redpanda),
      container("same", { ...postgres, name: "lp-redis" }),
      container("delete", { ...postgres, name: "lp-old" }),
      { op: "create", type: TYPES.volume, name: "data", now: { name: "lp-postgres-data" } },
      container("create", { name: "lp-closed" }),
      container("update", { ...postgres, name: "lp-changed" }),
    );
    assert.deepStrictEqual(newContainers(plan), [
      { name: "lp-postgres", replaces: undefined, ports: [7000] },
      { name: "lp-redpanda", replaces: undefined, ports: [7001, 7002] },
      { name: "lp-closed", replaces: undefined, ports: [] },
    ]);
  });

  it("knows a container that takes the place of another, once and with its new ports", () => {
    const moved = { ...postgres, ports: [{ internal: 5432, external: 7003 }] };
    const plan = planOf(
      container("delete-replaced", postgres),
      { ...container("replace", moved), old: postgres },
      { ...container("create-replacement", moved), old: postgres },
      container("create", redpanda),
    );
    assert.deepStrictEqual(newContainers(plan), [
      { name: "lp-postgres", replaces: "lp-postgres", ports: [7003] },
      { name: "lp-redpanda", replaces: undefined, ports: [7001, 7002] },
    ]);
  });

  it("sums up the memory of the containers that will be there", () => {
    const plan = planOf(
      container("create", postgres),
      container("same", redpanda),
      container("delete", { ...postgres, name: "lp-old" }),
    );
    assert.strictEqual(plannedMemoryMb(plan), 512 + 1280);
  });

  it("counts the memory of a container that is replaced once", () => {
    const plan = planOf(...replaced(postgres), container("same", redpanda));
    assert.strictEqual(plannedMemoryMb(plan), 512 + 1280);
  });

  it("names each image once, with what it is for", () => {
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
    assert.deepStrictEqual(neededImages(plan), [
      { kind: "postgres", name: "postgres:16-alpine" },
      { kind: "redis", name: "redis:7.4-alpine" },
      { kind: "redpanda", name: "redpanda:v26" },
      { kind: "console", name: "console:v3" },
    ]);
  });

  it("names the volumes that would be replaced, once and as they are called now", () => {
    const volume = (op: Step["op"], old?: string, now?: string): Step => ({
      op,
      type: TYPES.volume,
      name: `${old ?? now}-volume`,
      old: old === undefined ? undefined : { name: old },
      now: now === undefined ? undefined : { name: now },
    });
    const plan = planOf(
      volume("delete-replaced", "lp-postgres-data"),
      volume("replace", "lp-postgres-data", "edu-postgres-data"),
      volume("create-replacement", "lp-postgres-data", "edu-postgres-data"),
      volume("create", undefined, "edu-new-data"),
      volume("same", "lp-redis-data", "lp-redis-data"),
      volume("update", "lp-redpanda-data", "lp-redpanda-data"),
      volume("delete", "lp-old-data"),
      ...replaced(postgres),
    );
    assert.deepStrictEqual(replacedVolumes(plan), ["lp-postgres-data"]);
  });

  it("names the volumes and networks that it makes, each kind apart", () => {
    const { network, volume } = TYPES;
    const plan = planOf(
      { op: "create", type: network, name: "network", now: { name: "lp-network" } },
      { op: "create", type: volume, name: "data", now: { name: "lp-data" } },
      { op: "create", type: volume, name: "session-data", now: { name: "lp-session-data" } },
      { op: "same", type: volume, name: "kept", old: { name: "kept" }, now: { name: "kept" } },
      { op: "delete", type: network, name: "old", old: { name: "old" } },
      container("create", postgres),
    );
    assert.deepStrictEqual(newNames(plan), {
      volumes: ["lp-data", "lp-session-data"],
      networks: ["lp-network"],
    });
  });

  it("knows what stays, with what it was, and what of it does not change", () => {
    const kept = container("same", postgres);
    const changed = container("update", { name: "lp-changed" });
    const data: Step = {
      ...{ op: "same", type: TYPES.volume, name: "data", protect: { old: false, now: true } },
      ...{ now: { name: "d" }, old: { name: "d" } },
    };
    const plan = planOf(
      kept,
      changed,
      container("create", { name: "lp-new" }),
      container("delete", { name: "lp-old" }),
      ...replaced(redpanda),
      data,
    );
    assert.deepStrictEqual(
      keptResources(plan).map(({ urn, inputs }) => [urn, inputs.name]),
      [
        [metadata(kept).urn, "lp-postgres"],
        [metadata(changed).urn, "lp-changed"],
        [metadata(data).urn, "d"],
      ],
    );
    assert.deepStrictEqual(unchangedResources(plan), [
      {
        urn: metadata(kept).urn,
        type: TYPES.container,
        id: "lp-postgres-container",
        inputs: postgres,
        protect: undefined,
      },
      {
        urn: metadata(data).urn,
        type: TYPES.volume,
        id: "data",
        inputs: { name: "d" },
        protect: true,
      },
    ]);
    assert.deepStrictEqual(keptVolumes(plan), ["d"]);
  });

  it("takes the engine's colours from a message, and the logical name from a URN", () => {
    assert.strictEqual(plainText("<{%fg 13%}><{%bold%}>a 5% b<{%reset%}> \n"), "a 5% b");
    assert.strictEqual(logicalName("urn:pulumi:dev::p::a:b:C$d:e:F::events-a"), "events-a");
  });
});

describe("the work of a plan", () => {
  const topic = (op: Step["op"], protect?: Step["protect"]): Step => ({
    op,
    type: TYPES.topic,
    name: "events-a",
    old: op === "create" ? undefined : {},
    now: op === "delete" ? undefined : {},
    protect,
  });
  const cases: [title: string, step: Step, work: boolean, protection: number][] = [
    ["a resource that is new", topic("create"), true, 0],
    ["a resource that is new and protected", topic("create", { now: true }), true, 0],
    ["a resource that changes", topic("update"), true, 0],
    ["a resource that goes", topic("delete", { old: true }), true, 0],
    ["a resource that stays", topic("same"), false, 0],
    ["a resource that is read", topic("read"), false, 0],
    ["a resource that stays protected", topic("same", { old: true, now: true }), false, 0],
    ["a resource that stays unprotected, said or not", topic("same", { old: false }), false, 0],
    ["a resource that gains its protection", topic("same", { now: true }), true, 1],
    ["a resource that loses its protection", topic("same", { old: true }), true, 1],
    // Counted as the change that it is anyway.
    ["a change that gains its protection too", topic("update", { now: true }), true, 0],
  ];
  for (const [title, step, work, protection] of cases) {
    it(`is ${work ? "something" : "nothing"} for ${title}`, () => {
      const plan = planOf(step);
      assert.strictEqual(hasWork(plan), work);
      assert.strictEqual(protectionChanges(plan), protection);
    });
  }

  it("is something where the stack's outputs alone change", () => {
    const recorder = new PlanRecorder();
    recorder.onEvent(begins(topic("same")));
    recorder.onEvent(
      ends({ op: "same", type: "pulumi:pulumi:Stack", name: "s", old: {}, now: { points: {} } }),
    );
    assert.strictEqual(hasWork(recorder.result()), true);
  });

  it("counts every resource whose protection changes", () => {
    const plan = planOf(
      topic("same", { now: true }),
      topic("same", { old: true }),
      topic("same"),
      topic("same", { old: true, now: true }),
    );
    assert.strictEqual(protectionChanges(plan), 2);
  });
});

describe("the migrations of a plan", () => {
  const migrations = (op: Step["op"], database: string, now?: Files, old?: Files): Step => ({
    op,
    type: TYPES.migrations,
    name: `${database}-migrations`,
    now: now && { database, ...now },
    old: old && { database, ...old },
  });
  interface Files {
    versioned: Record<string, string>;
    repeatable: Record<string, string>;
  }
  const files: Files = {
    versioned: { "0001_a.sql": "a1", "0002_b.sql": "b1" },
    repeatable: { "repeatable/01_f.sql": "f1" },
  };

  it("are all files of a database that is new, versioned ones first", () => {
    const plan = planOf(migrations("create", "user_service_db", files));
    assert.deepStrictEqual(plannedMigrations(plan), [
      {
        database: "user_service_db",
        isNew: true,
        files: [
          { name: "0001_a.sql", checksum: "a1" },
          { name: "0002_b.sql", checksum: "b1" },
          { name: "repeatable/01_f.sql", checksum: "f1" },
        ],
      },
    ]);
  });

  it("are the new files and the changed repeatable ones of a database that is there", () => {
    const now = {
      versioned: { ...files.versioned, "0003_c.sql": "c1" },
      repeatable: { "repeatable/01_f.sql": "f2", "repeatable/02_g.sql": "g1" },
    };
    const plan = planOf(migrations("update", "user_service_db", now, files));
    assert.deepStrictEqual(plannedMigrations(plan)[0].files, [
      { name: "0003_c.sql", checksum: "c1" },
      { name: "repeatable/01_f.sql", checksum: "f2" },
      { name: "repeatable/02_g.sql", checksum: "g1" },
    ]);
  });

  it("are none of a database that stays, or that goes", () => {
    const plan = planOf(
      migrations("same", "user_service_db", files, files),
      migrations("delete", "content_service_db", undefined, files),
    );
    assert.deepStrictEqual(plannedMigrations(plan), []);
  });

  it("come database by database, in their alphabet", () => {
    const plan = planOf(
      migrations("create", "user_service_db", files),
      migrations("create", "content_service_db", files),
    );
    const databases = plannedMigrations(plan).map(({ database }) => database);
    assert.deepStrictEqual(databases, ["content_service_db", "user_service_db"]);
  });

  it("are told by name and the start of the hash, a database that is new being called so", () => {
    const hash = "0123456789abcdef".repeat(4);
    const plan = planOf(
      migrations("create", "content_service_db", {
        versioned: { "0001_a.sql": hash },
        repeatable: {},
      }),
      migrations(
        "update",
        "user_service_db",
        { versioned: { ...files.versioned, "0003_c.sql": hash }, repeatable: files.repeatable },
        files,
      ),
      // A new password, say, and no file to run.
      migrations("update", "payment_service_db", files, files),
    );
    assert.deepStrictEqual(migrationLines(plan), [
      "Migrations to run on content_service_db, which is new to the stack:",
      "  0001_a.sql  sha256:0123456789ab",
      "Migrations to run on user_service_db:",
      "  0003_c.sql  sha256:0123456789ab",
    ]);
  });
});
