import assert from "node:assert/strict";

import type { EngineEvent } from "@pulumi/pulumi/automation";

import { plainDisplay } from "../../../../cli/terminal/display";
import { Progress } from "../../../../cli/terminal/progress";
import { TYPES } from "../../support/mocks";
import { begins, ends, fails, says, type Step } from "../support/events";

/** The lines of a run, without the seconds since its start. */
function linesOf(planned: Pick<Step, "type" | "op">[], events: EngineEvent[]) {
  const lines: string[] = [];
  const changes = planned.filter(({ op }) => op !== "same").map(({ type, op }) => ({ type, op }));
  const display = plainDisplay((line) => {
    assert.match(line, /^ +\d+\.\d s /);
    lines.push(line.replace(/^ +\d+\.\d s /, "").replace(/\(\d+\.\d s\)$/, "(SECONDS)"));
  });
  const progress = new Progress(changes, display);
  events.forEach(progress.onEvent);
  progress.end();
  return { lines, progress };
}

const run = (steps: Step[]) => linesOf(steps, [...steps.map(begins), ...steps.map(ends)]).lines;

const container = (op: Step["op"]): Step => {
  const inputs = { name: "lp-postgres" };
  return {
    op,
    type: TYPES.container,
    name: "postgres-container",
    ...(op === "create" ? {} : { old: inputs }),
    ...(op.startsWith("delete") ? {} : { now: inputs }),
  };
};

const topic = (name: string, op: Step["op"] = "create"): Step => ({
  op,
  type: TYPES.topic,
  name,
  now: { name },
});

describe("the progress of an update", () => {
  const single: [step: Step, line: string][] = [
    [container("create"), "+ container lp-postgres healthy (SECONDS)"],
    [container("update"), "~ container lp-postgres updated (SECONDS)"],
    [container("delete"), "- container lp-postgres deleted (SECONDS)"],
    [container("create-replacement"), "+ container lp-postgres healthy (SECONDS)"],
    [container("delete-replaced"), "- container lp-postgres deleted for its replacement (SECONDS)"],
    [
      { op: "create", type: TYPES.network, name: "n", now: { name: "lp-network" } },
      "+ network lp-network created (SECONDS)",
    ],
    [
      { op: "create", type: TYPES.volume, name: "v", now: { name: "lp-data" } },
      "+ volume lp-data created (SECONDS)",
    ],
    [
      { op: "create", type: TYPES.database, name: "d", now: { name: "user_service_db" } },
      "+ database user_service_db created (SECONDS)",
    ],
    [
      {
        op: "update",
        type: TYPES.migrations,
        name: "m",
        now: { database: "user_service_db" },
        old: {},
      },
      "~ migrations of user_service_db updated (SECONDS)",
    ],
  ];
  for (const [step, line] of single) {
    it(`reports the ${step.op} of ${step.type} as "${line}"`, () => {
      assert.deepStrictEqual(run([step]), [line]);
    });
  }

  it("has no line for what stays, and for unimportant resources", () => {
    const quiet: Step[] = [
      container("same"),
      { op: "create", type: TYPES.password, name: "p", now: {} },
      { op: "create", type: "learning-platform:platform:DataPlatform", name: "x", now: {} },
    ];
    assert.deepStrictEqual(run(quiet), []);
  });

  const groups: [type: string, title: string][] = [
    [TYPES.topic, "topics"],
    [TYPES.rights, "broker rights"],
    [TYPES.schemas, "event schemas"],
    [TYPES.kafkaUser, "broker users"],
    [TYPES.role, "database roles"],
    [TYPES.grant, "grants"],
    [TYPES.databaseRights, "database rights"],
    [TYPES.redisUser, "Redis users"],
  ];
  for (const [type, title] of groups) {
    it(`reports all ${title} in one line, after the last one`, () => {
      const steps = ["a", "b", "c"].map((name) => ({ ...topic(name), type }));
      const done = steps.map(ends);
      assert.deepStrictEqual(linesOf(steps, done.slice(0, 2)).lines, []);
      assert.deepStrictEqual(linesOf(steps, done).lines, [`+ ${title} created`]);
    });
  }

  it("reports creations and updates of a group apart", () => {
    const steps = [topic("a"), topic("b", "update"), topic("c")];
    // In the order in which the last of each kind is done.
    assert.deepStrictEqual(linesOf(steps, steps.map(ends)).lines, [
      "~ topics updated",
      "+ topics created",
    ]);
  });

  const marks: [op: Step["op"], line: string][] = [
    ["create", "+ topics created"],
    ["update", "~ topics updated"],
    ["delete", "- topics deleted"],
    ["replace", "~ topics replaced"],
    ["create-replacement", "+ topics recreated"],
    ["delete-replaced", "- topics deleted for its replacement"],
  ];
  for (const [op, line] of marks) {
    it(`reports the ${op} of many as "${line}"`, () => {
      assert.deepStrictEqual(run([topic("a", op), topic("b", op)]), [line]);
    });
  }

  it("does not wait for resources that stay", () => {
    const steps = [topic("a", "same"), topic("b", "update"), topic("c", "same")];
    assert.deepStrictEqual(run(steps), ["~ topics updated"]);
  });

  it("reports a destroy: groups after their last resource, important resources one by one", () => {
    const resource = (type: string, name: string): Step => ({
      op: "delete",
      type,
      name,
      old: { name },
    });
    const state = [
      resource("pulumi:pulumi:Stack", "learning-platform-dev"),
      resource("learning-platform:platform:DataPlatform", "learning-platform"),
      resource("pulumi:providers:kafka", "redpanda-provider"),
      ...["a", "b", "c"].map((name) => resource(TYPES.topic, name)),
      ...["d", "e"].map((name) => resource(TYPES.rights, name)),
      resource(TYPES.volume, "lp-data"),
      container("delete"),
    ];
    const done = state.toReversed().map(ends);
    assert.deepStrictEqual(linesOf(state, done.slice(0, -4)).lines, [
      "- container lp-postgres deleted (SECONDS)",
      "- volume lp-data deleted (SECONDS)",
      "- broker rights deleted",
    ]);
    assert.deepStrictEqual(linesOf(state, done).lines, [
      "- container lp-postgres deleted (SECONDS)",
      "- volume lp-data deleted (SECONDS)",
      "- broker rights deleted",
      "- topics deleted",
    ]);
  });

  it("keeps errors, without the engine's colours", () => {
    const { lines, progress } = linesOf([], [says("error", "<{%fg 1%}>boom<{%reset%}>")]);
    assert.deepStrictEqual(progress.errors, ["boom"]);
    assert.deepStrictEqual(lines, []);
  });

  it("reports what failed, and keeps the names of failed containers", () => {
    const { lines, progress } = linesOf(
      [],
      [
        fails(container("create")),
        fails({ op: "create", type: TYPES.rights, name: "events-acl", now: {} }),
      ],
    );
    assert.deepStrictEqual(lines, [
      "! container lp-postgres failed",
      `! ${TYPES.rights} events-acl failed`,
    ]);
    assert.deepStrictEqual(progress.failedContainers, ["lp-postgres"]);
  });

  it("passes on the lines of migrations about their files, and no other note", () => {
    const { lines } = linesOf(
      [],
      [
        says("info", "<{%reset%}>sql/user_service_db: 0001_create_users.sql applied (12 ms)\n"),
        says("info#err", "npm warn something"),
        says("warning", "a provider's own affair"),
        says("info", "0001_create_users.sql of sql/user_service_db"),
      ],
    );
    assert.deepStrictEqual(lines, ["  sql/user_service_db: 0001_create_users.sql applied (12 ms)"]);
  });
});
