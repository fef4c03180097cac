import assert from "node:assert/strict";

import type { KafkaCopiesInputs } from "../../../../components/kafka/kafka-copies";
import { check, diff, raise, read } from "../../../../components/kafka/kafka-copies.provider";
import { closedPort } from "../../support/ports";

const inputs: KafkaCopiesInputs = {
  bootstrapServers: "localhost:19092",
  adminUsername: "platform-admin",
  adminPassword: "one",
  copies: 3,
  topics: ["a", "b", "new"],
};

/** A cluster whose new copies have all records once they were looked at so often. */
class Cluster {
  public readonly set: [topics: readonly string[], copies: number][] = [];
  private looks = 0;

  constructor(
    private readonly all: Record<string, number>,
    private readonly looksNeeded: number,
    private readonly counts = false,
  ) {}

  public get isDone() {
    return this.looks > this.looksNeeded;
  }

  public copies(topics: readonly string[]) {
    const done = ++this.looks > this.looksNeeded;
    return Promise.resolve(
      new Map(
        Object.entries(this.all)
          .filter(([name]) => topics.includes(name))
          .map(([name, all]) => [
            name,
            // As Redpanda, which counts copies as soon as it begins to make them.
            { all, inSync: this.counts || done ? all : Math.min(all, 1), isMoving: !done },
          ]),
      ),
    );
  }

  public setCopies(topics: readonly string[], copies: number) {
    this.set.push([topics, copies]);
    topics.forEach((topic) => (this.all[topic] = copies));
    return Promise.resolve();
  }
}

const quick = { lookMs: 0, stuckMs: 50 };

describe("the copies of topics", () => {
  it("are raised where there are fewer, and nowhere else, until all have every record", async () => {
    const cluster = new Cluster({ a: 1, b: 3, other: 1 }, 5);
    await raise(cluster, inputs, quick);
    assert.deepStrictEqual(cluster.set, [[["a"], 3]]);
    assert.deepStrictEqual((await cluster.copies(["a"])).get("a"), {
      ...{ all: 3, inSync: 3, isMoving: false },
    });
  });

  it("are complete no sooner than the brokers stop to move them, also after an interrupted run", async () => {
    for (const before of [1, 3]) {
      const cluster = new Cluster({ a: before }, 5, true);
      await raise(cluster, inputs, quick);
      assert.ok(cluster.isDone, `${before} copies before`);
    }
  });

  it("are left alone where there are more", async () => {
    const cluster = new Cluster({ a: 5 }, 0);
    await raise(cluster, inputs, quick);
    assert.deepStrictEqual(cluster.set, []);
  });

  it("are an error that names the topic whose copies do not become complete", () =>
    assert.rejects(
      raise(new Cluster({ a: 1 }, Infinity), inputs, quick),
      /^Error: The new copies of a do not become complete\. Nothing is lost\./,
    ));

  it("change with their number alone: a new topic is created with its copies", async () => {
    assert.deepStrictEqual(await check({}, inputs), { inputs });
    const changes = async (news: Partial<KafkaCopiesInputs>) =>
      (await diff("copies", inputs, { ...inputs, ...news })).changes;
    assert.strictEqual(await changes({ topics: ["a"], bootstrapServers: "b:1" }), false);
    assert.strictEqual(await changes({ copies: 5 }), true);
  });

  it("stay as they were in a refresh of a cluster that is stopped", async () => {
    const state = { ...inputs, bootstrapServers: `localhost:${await closedPort()}` };
    assert.deepStrictEqual(await read("copies", state), { id: "copies", props: state });
  });
});
