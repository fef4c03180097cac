import assert from "node:assert/strict";

import { chosen } from "../../../../cli/commands/logs";
import { mergeByTime, parseLine, prefixed } from "../../../../cli/logs/lines";
import { ofStack } from "../../../../cli/stack/containers";
import { running } from "../support/docker";

const CONTAINERS = [
  { name: "lp-redis", role: "redis" },
  { name: "lp-redis-session", role: "redis-session" },
];

describe("the logs of a stack", () => {
  it("are merged in order of time, and lines of one moment keep their order", () => {
    const lines = [
      parseLine("a", "2026-11-27T08:00:02.000000001Z third"),
      parseLine("a", "2026-11-27T08:00:02.000000001Z fourth"),
      parseLine("b", "2026-11-27T08:00:01.900000000Z second | with a bar"),
      parseLine("b", "2026-11-27T08:00:01.000000000Z "),
    ].flatMap((line) => line ?? []);
    assert.deepEqual(
      mergeByTime(lines).map(({ role, text }) => prefixed(role, text, 2)),
      ["b  | ", "b  | second | with a bar", "a  | third", "a  | fourth"],
    );
  });

  it("leave out what is no line of a container", () => {
    assert.equal(parseLine("a", "Error response from daemon"), undefined);
  });

  it("are those of the containers that are named, by their part or their whole name", () => {
    assert.deepEqual(chosen([], CONTAINERS, "dev"), CONTAINERS);
    assert.deepEqual(chosen(["redis"], CONTAINERS, "dev"), [CONTAINERS[0]]);
    assert.deepEqual(chosen(["lp-redis-session"], CONTAINERS, "dev"), [CONTAINERS[1]]);
  });

  it("refuse a container that there is not, and a stack without any", () => {
    assert.throws(() => chosen(["kafka", "redis"], CONTAINERS, "dev"), {
      name: "FaultError",
      message: /no container kafka. It has: redis, redis-session/,
    });
    assert.throws(() => chosen([], [], "dev"), /Stack dev has no containers/);
  });

  it("are of one stack alone, each container by the end of its name", () => {
    const labelled = (name: string, stack: string) => ({
      ...running(name),
      labels: {
        "learning-platform.project": "learning-platform",
        "learning-platform.stack": stack,
      },
    });
    const all = [
      labelled("lp-redis-session", "dev"),
      labelled("lp-redis", "dev"),
      labelled("lp-pr-7-redis", "pr-7"),
      running("redis"),
    ];
    assert.deepEqual(
      ofStack("dev", all).map(({ name, role }) => [name, role]),
      [
        ["lp-redis", "redis"],
        ["lp-redis-session", "redis-session"],
      ],
    );
  });
});
