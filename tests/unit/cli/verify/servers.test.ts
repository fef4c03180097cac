import assert from "node:assert/strict";

import type { ContainerState } from "../../../../cli/machine/docker";
import { TYPES } from "../../../../cli/resource-types";
import {
  abandonedTopics,
  judgeHealth,
  judgePartitions,
  judgeSeen,
  judgeTopic,
} from "../../../../cli/verify/broker";
import { containerChecks, judgeContainers } from "../../../../cli/verify/containers";
import { right, unknown, wrong } from "../../../../cli/verify/finding";
import { platformOf } from "../../../../cli/verify/platform";
import { judgeServer } from "../../../../cli/verify/redis";
import type { Outputs } from "../../../../contract/outputs";
import { withDocker } from "../support/environment";
import { stackResource } from "../support/state";

const network = stackResource(TYPES.network, "urn:network", { name: "lp" }, { id: "n1" });
const container = stackResource(
  TYPES.container,
  "urn:redis",
  { name: "lp-redis", networksAdvanced: [{ name: "lp" }] },
  { id: "c1" },
);
const live = (more: Partial<ContainerState>): ContainerState => ({
  ...{ id: "c1", name: "lp-redis", status: "running", health: "healthy", labels: {}, ports: [] },
  networks: [{ id: "n1", name: "lp" }],
  ...more,
});

describe("the containers", () => {
  const cases: [title: string, found: ContainerState[], expected: ReturnType<typeof right>][] = [
    ["healthy", [live({})], right("container lp-redis", "healthy")],
    ["starting", [live({ health: "starting" })], unknown("container lp-redis", "starting")],
    [
      "unhealthy",
      [live({ health: "unhealthy" })],
      wrong("container lp-redis", "unhealthy", "healthy"),
    ],
    [
      "stopped",
      [live({ status: "exited", health: "exited" })],
      wrong("container lp-redis", "exited, not running", "healthy"),
    ],
    ["missing", [], wrong("container lp-redis", "missing, not running", "healthy")],
    [
      "replaced by hand under the same name",
      [live({ id: "c2" })],
      wrong("container lp-redis", "missing, not running", "healthy"),
    ],
    [
      "taken from their network",
      [live({ networks: [] })],
      wrong(
        "container lp-redis",
        "healthy, not on its network; up recreates it with its data",
        "healthy",
      ),
    ],
  ];
  for (const [title, containers, expected] of cases) {
    it(`are ${expected.verdict} if ${title}`, () => {
      const networks = [{ id: "n1", name: "lp" }];
      assert.deepStrictEqual(judgeContainers([network, container], { containers, networks }), [
        right("network lp", "there"),
        expected,
      ]);
    });
  }

  const checksOf = (resources: (typeof container)[]) =>
    containerChecks(platformOf(resources, { services: {} } as Outputs));

  it("are unknown, each by its name, where no Docker Engine answers", async () => {
    await withDocker("exit 1", async () => {
      const [check] = checksOf([network, container]);
      assert.deepStrictEqual(await check.ask(), [
        unknown("network lp", "no Docker Engine answers"),
        unknown("container lp-redis", "no Docker Engine answers"),
      ]);
    });
  });

  it("are not asked about where the stack has none", () =>
    assert.deepStrictEqual(checksOf([]), []));
});

describe("a Redis server", () => {
  const info = (fields: Record<string, string | number>) =>
    Object.entries({
      ...{ used_memory: 1_048_576, maxmemory: 104_857_600, maxmemory_policy: "allkeys-lfu" },
      ...{ keyspace_hits: 3, keyspace_misses: 1 },
      ...fields,
    })
      .map(([name, value]) => `${name}:${value}`)
      .join("\r\n");

  it("is right with its memory, policy and hits", () => {
    assert.deepStrictEqual(judgeServer("cache", info({})), [
      right("memory of the cache", "1.0 MiB of 100.0 MiB"),
      right("eviction in the cache", "allkeys-lfu"),
      right("hit rate of the cache", "75.0 % of 4 reads"),
    ]);
  });

  it("has no hit rate before it is read", () => {
    const [, , hits] = judgeServer("cache", info({ keyspace_hits: 0, keyspace_misses: 0 }));
    assert.deepStrictEqual(hits, right("hit rate of the cache", "no reads yet"));
  });

  const full = { used_memory: 104_857_600, maxmemory_policy: "noeviction" };
  const faults: [title: string, instance: "cache" | "session", fields: object, wrongs: string[]][] =
    [
      [
        "a cache that evicts nothing",
        "cache",
        { maxmemory_policy: "noeviction" },
        ["eviction in the cache"],
      ],
      ["sessions that are evicted", "session", {}, ["eviction in the session"]],
      ["memory without a limit", "cache", { maxmemory: 0 }, ["memory of the cache"]],
      ["sessions that fill their memory", "session", full, ["memory of the session"]],
    ];
  for (const [title, instance, fields, wrongs] of faults) {
    it(`is wrong: ${title}`, () => {
      const found = judgeServer(instance, info(fields as Record<string, string>));
      assert.deepStrictEqual(
        found.filter(({ verdict }) => verdict === "wrong").map(({ what }) => what),
        wrongs,
      );
    });
  }

  it("is unknown where it does not tell", () =>
    assert.deepStrictEqual(
      judgeServer("cache", "").map(({ verdict }) => verdict),
      ["unknown", "unknown", "unknown"],
    ));
});

describe("the broker", () => {
  const topic = {
    ...{ name: "user-events", partitions: 3, replicationFactor: 1, copies: 1 },
    config: { "retention.ms": "2592000000", "compression.type": "snappy" },
  };
  const asItShould = "3 partitions, retention 30 d, compression.type snappy";

  it("has a topic as the stack made it", () =>
    assert.deepStrictEqual(judgeTopic(topic, topic), right("topic user-events", asItShould)));

  it("is wrong where a topic is missing, or has other partitions or settings", () => {
    assert.deepStrictEqual(
      judgeTopic(topic, undefined),
      wrong("topic user-events", "missing", asItShould),
    );
    const config = { ...topic.config, "retention.ms": "1000" };
    assert.deepStrictEqual(
      judgeTopic(topic, { partitions: 1, copies: 1, config }),
      wrong(
        "topic user-events",
        "1 partition, retention 1000 ms, compression.type snappy",
        asItShould,
      ),
    );
  });

  it("is wrong where a topic has fewer copies than the stack gave it", () => {
    const wanted = { ...topic, replicationFactor: 3 };
    const lines = "retention 30 d, compression.type snappy";
    assert.deepStrictEqual(
      judgeTopic(wanted, topic),
      wrong("topic user-events", asItShould, `3 partitions, 3 copies, ${lines}`),
    );
    assert.deepStrictEqual(
      judgeTopic(wanted, { ...topic, copies: 3 }),
      right("topic user-events", `3 partitions, 3 copies, ${lines}`),
    );
  });

  it("is wrong where a partition of the stack has no leader or too few copies", () => {
    const health = (name: string, leaderless: number, underReplicated: number) => ({
      ...{ name, leaderless, underReplicated },
    });
    const judge = (...of: ReturnType<typeof health>[]) => judgePartitions("broker", 3, of, [topic]);
    assert.deepStrictEqual(
      judge(health("user-events", 0, 0), health("of-others", 1, 1)),
      right("broker", "3 brokers, all partitions have their copies"),
    );
    assert.deepStrictEqual(
      judge(health("user-events", 1, 2)).found,
      "user-events: 1 partitions without a leader; user-events: 2 partitions lack copies",
    );
  });

  it("is as healthy as it says", () => {
    const judge = (text: object, status = 200) => judgeHealth("h", status, JSON.stringify(text));
    assert.deepStrictEqual(judge({ is_healthy: true }), right("h", "healthy"));
    assert.deepStrictEqual(
      judge({ is_healthy: false, unhealthy_reasons: ["nodes_down"] }),
      wrong("h", "nodes_down", "healthy"),
    );
    assert.deepStrictEqual(judge({}, 503), unknown("h", "answers 503"));
  });

  const rights = {
    "Read topic a": "allow",
    "Write topic b-*": "allow",
    "DescribeConfigs topic d": "allow",
  };
  const judgeSees = (...seen: string[]) =>
    judgeSeen("user u", seen, ["a", "b-1", "c", "d"], { ...rights, "Write topic b-*": "allow" });

  it("shows a user the topics that it has rights on, and no other of the stack", () => {
    const all = "logs in, sees 2 of 4 topics";
    assert.deepStrictEqual(judgeSees("a", "b-1", "of-others"), right("user u", all));
    assert.deepStrictEqual(judgeSees("a", "c"), wrong("user u", "does not see b-1; sees c", all));
    assert.deepStrictEqual(
      judgeSeen("user u", ["a", "b"], ["a", "b"], { "Read topic *": "allow" }),
      right("user u", "logs in, sees 2 of 2 topics"),
    );
  });

  it("keeps a topic of verify only while the run that made it may still use it", () => {
    const [old, young] = ["platform-verify-1000-0123abcd", "platform-verify-70000-0123abcd"];
    const names = [old, young, "user-events", "platform-verify-1000", "platform-verify-x-0123abcd"];
    assert.deepStrictEqual(abandonedTopics(names, 80_000), [old]);
  });
});
