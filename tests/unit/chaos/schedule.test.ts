import assert from "node:assert/strict";

import { seeded } from "../../chaos/random";
import { type Fault, FAULT_KINDS, scheduleFaults, type Target } from "../../chaos/schedule";
import { SHORT_FORM } from "../../chaos/short-form";
import { CLIENTS, targetsOf } from "../../chaos/targets";

const TARGETS: Target[] = [
  { name: "one", group: "one", kinds: ["kill", "pause", "restart"] },
  { name: "two", group: "two", kinds: ["kill", "fill disk"] },
  { name: "first", group: "clients", kinds: ["kill"] },
  { name: "second", group: "clients", kinds: ["kill"] },
];
const OPTIONS = {
  ...{ seed: 7, durationMs: 120_000 },
  lastsMs: [2_000, 5_000] as const,
  pausesMs: [1_000, 3_000] as const,
};

const endOf = ({ atMs, lastsMs }: Fault) => atMs + lastsMs;

describe("The schedule of faults", () => {
  it("is the same for the same seed, and another for another seed", () => {
    assert.deepEqual(scheduleFaults(TARGETS, OPTIONS), scheduleFaults(TARGETS, OPTIONS));
    assert.notDeepEqual(
      scheduleFaults(TARGETS, OPTIONS),
      scheduleFaults(TARGETS, { ...OPTIONS, seed: 8 }),
    );
  });

  it("has one fault at a time, with a pause before and after each, within the time", () => {
    for (let seed = 0; seed < 50; seed += 1) {
      const faults = scheduleFaults(TARGETS, { ...OPTIONS, seed });
      assert.ok(faults.length > 10);
      faults.forEach((fault, index) => {
        const before = index === 0 ? 0 : endOf(faults[index - 1]);
        assert.ok(fault.atMs - before >= 1_000 && fault.atMs - before <= 3_000);
        assert.ok(fault.lastsMs >= 2_000 && fault.lastsMs <= 5_000);
      });
      assert.ok(endOf(faults.at(-1)!) + 1_000 <= OPTIONS.durationMs);
    }
  });

  it("lets groups take turns, and gives a target each of its kinds before one comes again", () => {
    const faults = scheduleFaults(TARGETS, OPTIONS);
    const groups = faults.map(({ target }) => TARGETS.find(({ name }) => name === target)!.group);
    for (let at = 0; at + 3 <= groups.length; at += 3) {
      assert.equal(new Set(groups.slice(at, at + 3)).size, 3);
    }
    const kinds = faults.filter(({ target }) => target === "one").map(({ kind }) => kind);
    assert.deepEqual(kinds.slice(0, 3).sort(), ["kill", "pause", "restart"]);
    const clients = faults.filter((_, at) => groups[at] === "clients").map(({ target }) => target);
    assert.notEqual(clients[0], clients[1]);
  });

  it("is empty where nothing may fail, or the time is too short", () => {
    assert.deepEqual(scheduleFaults([], OPTIONS), []);
    assert.deepEqual(scheduleFaults([{ ...TARGETS[0], kinds: [] }], OPTIONS), []);
    assert.deepEqual(scheduleFaults(TARGETS, { ...OPTIONS, durationMs: 2_000 }), []);
  });
});

describe("The short form of the drill", () => {
  it("has each kind of fault, on every server and on a service", () => {
    const roles = ["postgres", "redis", "redis-session", "redpanda"];
    const targets = targetsOf(
      roles.map((role) => ({ role })),
      ["postgres", "redis-session", "redpanda"],
    );
    const faults = scheduleFaults(targets, SHORT_FORM);
    assert.deepEqual(
      [...new Set(faults.map(({ kind }) => kind))].sort(),
      Object.keys(FAULT_KINDS).sort(),
    );
    const groupOf = new Map(targets.map(({ name, group }) => [name, group]));
    const groups = new Set(faults.map(({ target }) => groupOf.get(target)));
    assert.deepEqual([...groups].sort(), [...roles, CLIENTS].sort());
  });
});

describe("Seeded random numbers", () => {
  it("are spread evenly, and within the bounds", () => {
    const random = seeded(1);
    const tenths = Array.from({ length: 10 }, () => 0);
    for (let count = 0; count < 10_000; count += 1) {
      tenths[Math.floor(random.next() * 10)] += 1;
    }
    tenths.forEach((count) => assert.ok(count > 850 && count < 1_150, String(tenths)));
  });

  it("shuffle every item into every place", () => {
    const random = seeded(3);
    const seen = new Set<string>();
    for (let count = 0; count < 200; count += 1) {
      seen.add(random.shuffle(["a", "b", "c"]).join(""));
    }
    assert.equal(seen.size, 6);
  });
});

describe("The targets of a stack", () => {
  const kindsOf = (...roles: string[]) =>
    new Map(
      targetsOf(
        roles.map((role) => ({ role })),
        ["postgres", "redis-session"],
      ).map(({ name, kinds }) => [name, kinds]),
    );

  it("are the servers that clients work with, and the services' processes", () => {
    const names = [
      ...kindsOf("postgres", "redpanda-console", "prometheus", "learning-platform-keeper").keys(),
    ];
    assert.deepEqual(names, [
      ...["postgres", "user-service", "agent-orchestrator"],
      ...["content-service", "payment-service"],
    ]);
  });

  it("can be filled where they have a limit", () => {
    const kinds = kindsOf("postgres", "redis", "redis-session", "redpanda");
    const every = ["kill", "pause", "disconnect", "restart"];
    assert.deepEqual(kinds.get("postgres"), [...every, "fill connections", "fill disk"]);
    assert.deepEqual(kinds.get("redis"), every);
    assert.deepEqual(kinds.get("redis-session"), [...every, "fill memory", "fill disk"]);
    assert.deepEqual(kinds.get("redpanda"), every);
    assert.deepEqual(kinds.get("user-service"), ["kill"]);
  });
});
