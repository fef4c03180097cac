import assert from "node:assert/strict";

import { plainText } from "../../../../cli/engine/messages";
import { leavesUnchanged } from "../../../../cli/plan/plan";
import { PlanRecorder } from "../../../../cli/plan/recorder";
import { logicalName, typeOfUrn } from "../../../../cli/resource-types";
import { TYPES } from "../../support/mocks";
import { begins, ends, metadata, says, type Step } from "../support/events";
import { planOf, replacement } from "../support/plan";

type Values = Record<string, unknown>;

const postgres = { name: "lp-postgres", memory: 512, ports: [{ internal: 5432, external: 7000 }] };
const redpanda = {
  name: "lp-redpanda",
  memory: 1280,
  ports: [{ external: 7001 }, { external: 7002 }],
};

const container = (op: Step["op"], inputs: Values): Step => ({
  op,
  type: TYPES.container,
  name: `${String(inputs.name).replace("lp-", "")}-container`,
  ...(op === "create" ? {} : { old: inputs }),
  ...(op.startsWith("delete") ? {} : { now: inputs }),
});

const replaced = (old: Values, now = old): Step[] =>
  replacement({ ...container("replace", now), old });

describe("a plan", () => {
  it("holds the changes and errors of a preview, without the engine's colours", () => {
    const recorder = new PlanRecorder();
    recorder.onEvent(begins(container("create", postgres)));
    recorder.onEvent(says("error", "<{%reset%}>Port is <{%fg 1%}>taken<{%reset%}>\n"));
    recorder.onEvent(says("warning", "beware"));
    recorder.onEvent(says("info", "well"));
    const { changes, errors } = recorder.result();
    assert.deepStrictEqual(changes, [{ type: TYPES.container, op: "create" }]);
    assert.deepStrictEqual(errors, ["Port is taken"]);
  });

  const outputs: [title: string, old: Values | undefined, now: Values, change: boolean][] = [
    ["are the same", { points: { kafka: "a" } }, { points: { kafka: "a" } }, false],
    ["differ", { points: { kafka: "a" } }, { points: { kafka: "b" } }, true],
    ["are more", { points: {} }, { points: {}, services: {} }, true],
    ["are the first", undefined, { points: {} }, true],
  ];
  for (const [title, old, now, change] of outputs) {
    it(`has ${change ? "" : "no "}work where the stack's outputs ${title}`, () => {
      const recorder = new PlanRecorder();
      recorder.onEvent(ends({ op: "same", type: "pulumi:pulumi:Stack", name: "s", old, now }));
      assert.strictEqual(recorder.result().hasWork, change);
    });
  }

  it("has no work because of the outputs of another resource", () => {
    const recorder = new PlanRecorder();
    recorder.onEvent(ends(container("create", postgres)));
    assert.strictEqual(recorder.result().hasWork, false);
  });

  it("holds the addresses of the services from the stack's outputs", () => {
    const accessPoints = { kafka: { container: "lp-redpanda", address: "localhost:1" } };
    const recorder = new PlanRecorder();
    recorder.onEvent(
      ends({ op: "same", type: "pulumi:pulumi:Stack", name: "s", now: { accessPoints } }),
    );
    assert.deepStrictEqual(recorder.result().accessPoints, accessPoints);
    assert.deepStrictEqual(planOf().accessPoints, {});
  });

  it("counts what changes apart from what stays", () => {
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
    assert.deepStrictEqual(plan.counts, { create: 2, update: 1, delete: 1 });
    assert.strictEqual(plan.unchanged, 3);
  });

  it("counts in the same order, whichever resource is registered first", () => {
    const created: Step = { op: "create", type: TYPES.topic, name: "a", now: {} };
    const updated: Step = { op: "update", type: TYPES.topic, name: "b", now: {}, old: {} };
    for (const steps of [
      [created, updated],
      [updated, created],
    ]) {
      assert.deepStrictEqual(Object.keys(planOf(...steps).counts), ["create", "update"]);
    }
  });

  it("counts the program's providers, but not the engine's own", () => {
    const provider = (plugin: string, name: string) =>
      ({ op: "update", type: `pulumi:providers:${plugin}`, name, now: {}, old: {} }) as const;
    const plan = planOf(
      provider("pulumi-nodejs", "default"),
      provider("docker", "default_5_2_0"),
      provider("postgresql", "postgres-provider"),
    );
    assert.deepStrictEqual(plan.counts, { update: 1 });
    // The state must still get their new settings.
    assert.strictEqual(planOf(provider("pulumi-nodejs", "default")).hasWork, true);
  });

  it("counts a replacement once, although the engine reports three steps", () => {
    const plan = planOf(
      ...replaced(postgres),
      ...replaced(redpanda),
      container("create", { name: "lp-redis" }),
      container("delete", { name: "lp-old" }),
    );
    assert.deepStrictEqual(plan.counts, { replace: 2, create: 1, delete: 1 });
  });

  it("knows what stays, and what of it changes", () => {
    const same = container("same", postgres);
    const changed = container("update", { name: "lp-changed" });
    const data: Step = {
      ...{ op: "same", type: TYPES.volume, name: "data", protect: { old: false, now: true } },
      ...{ now: { name: "d" }, old: { name: "d" } },
    };
    const plan = planOf(
      same,
      changed,
      container("create", { name: "lp-new" }),
      container("delete", { name: "lp-old" }),
      ...replaced(redpanda),
      data,
    );
    const kept = (step: Step, changes: boolean, protect: boolean) => ({
      ...{ urn: metadata(step).urn, type: step.type, changes, protect },
    });
    assert.deepStrictEqual(plan.kept, [
      kept(same, false, false),
      kept(changed, true, false),
      kept(data, false, true),
    ]);
    assert.strictEqual(leavesUnchanged(plan, metadata(same).urn), true);
    assert.strictEqual(leavesUnchanged(plan, metadata(changed).urn), false);
    assert.strictEqual(leavesUnchanged(plan, "urn:of-nothing"), false);
  });
});

describe("a message or a URN of the engine", () => {
  it("is read without colours, by its name, and by its type", () => {
    const urn = "urn:pulumi:dev::p::a:b:C$d:e:F::events-a";
    assert.strictEqual(plainText("<{%fg 13%}><{%bold%}>a 5% b<{%reset%}> \n"), "a 5% b");
    assert.strictEqual(logicalName(urn), "events-a");
    assert.strictEqual(typeOfUrn(urn), "d:e:F");
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
    ["a new resource", topic("create"), true, 0],
    ["a new, protected resource", topic("create", { now: true }), true, 0],
    ["a resource that changes", topic("update"), true, 0],
    ["a resource that is deleted", topic("delete", { old: true }), true, 0],
    ["a resource that stays", topic("same"), false, 0],
    ["a resource that is read", topic("read"), false, 0],
    ["a resource that stays protected", topic("same", { old: true, now: true }), false, 0],
    ["a resource that stays unprotected", topic("same", { old: false }), false, 0],
    ["a resource that becomes protected", topic("same", { now: true }), true, 1],
    ["a resource that loses its protection", topic("same", { old: true }), true, 1],
    // It is counted as a change already.
    ["a changed resource that becomes protected", topic("update", { now: true }), true, 0],
  ];
  for (const [title, step, work, protection] of cases) {
    it(`${work ? "includes" : "does not include"} ${title}`, () => {
      const plan = planOf(step);
      assert.strictEqual(plan.hasWork, work);
      assert.strictEqual(plan.protectionChanges, protection);
    });
  }

  it("includes a change of the stack's outputs alone", () => {
    const recorder = new PlanRecorder();
    recorder.onEvent(begins(topic("same")));
    recorder.onEvent(
      ends({ op: "same", type: "pulumi:pulumi:Stack", name: "s", old: {}, now: { points: {} } }),
    );
    assert.strictEqual(recorder.result().hasWork, true);
  });

  it("counts every resource whose protection changes", () => {
    const plan = planOf(
      topic("same", { now: true }),
      topic("same", { old: true }),
      topic("same"),
      topic("same", { old: true, now: true }),
    );
    assert.strictEqual(plan.protectionChanges, 2);
  });
});
