import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import type { createClient } from "@redis/client";

import { withRedis } from "./support/clients";
import { docker } from "./support/docker";
import { platform } from "./support/hooks";

type Client = ReturnType<typeof createClient>;

const VALUE_BYTES = 64 * 1024;
/** More than three quarters of 128 MiB, which are for data. */
const VALUES = 2_000;
const BATCH = 50;

const keyOf = (index: number) => `user-service:fill:${index}`;

/** Writes until all values are stored or the server refuses one. Returns the number of stored values and the error. */
async function fill(client: Client): Promise<{ taken: number; refusal?: string }> {
  const value = "x".repeat(VALUE_BYTES);
  for (let first = 0; first < VALUES; first += BATCH) {
    const writes = Array.from({ length: BATCH }, (_, index) =>
      client.set(keyOf(first + index), value),
    );
    const results = await Promise.allSettled(writes);
    const refused = results.findIndex(({ status }) => status === "rejected");
    if (refused >= 0) {
      const { reason } = results[refused] as PromiseRejectedResult;
      return { taken: first + refused, refusal: (reason as Error).message };
    }
  }
  return { taken: VALUES };
}

async function empty(client: Client): Promise<void> {
  for (let first = 0; first < VALUES; first += BATCH) {
    await client.unlink(Array.from({ length: BATCH }, (_, index) => keyOf(first + index)));
  }
}

/** One number of the server's statistics, by name. */
async function statistics(client: Client): Promise<Record<string, number>> {
  const lines = (await client.info()).split("\r\n").filter((line) => line.includes(":"));
  return Object.fromEntries(
    lines.map((line) => {
      const [name, value] = line.split(":");
      return [name, Number(value)];
    }),
  );
}

describe("The Redis memory of stack dev", () => {
  const urlOf = (instance: "cache" | "session") =>
    platform().outputs.services["user-service"][instance]!.url;
  const administrator = (instance: "cache" | "session") => {
    const key = instance === "cache" ? "redis" : "redisSession";
    const { username, password } = platform().outputs.administrators[key]!;
    const { port } = platform().outputs.services["user-service"][instance]!;
    return `redis://${username}:${password}@localhost:${port}`;
  };
  const containerOf = (instance: "cache" | "session") =>
    platform().outputs.accessPoints[instance === "cache" ? "redis" : "redisSession"].container;
  /** Differs if a container was stopped or restarted in between. */
  const life = (container: string) =>
    docker("inspect", "--format", "{{.State.OOMKilled}} {{.State.StartedAt}}", container);

  afterEach(async () => {
    await withRedis(urlOf("cache"), empty);
    await withRedis(urlOf("session"), empty);
  });

  it("makes the cache evict the least used keys at its limit, and accept every write", async () => {
    const before = await life(containerOf("cache"));
    const { taken } = await withRedis(urlOf("cache"), fill);
    assert.equal(taken, VALUES);
    const { evicted_keys, used_memory, maxmemory } = await withRedis(
      administrator("cache"),
      statistics,
    );
    assert.ok(evicted_keys > 0, "some keys were evicted");
    assert.ok(used_memory <= maxmemory * 1.02, `${used_memory} of ${maxmemory}`);
    assert.equal(await life(containerOf("cache")), before);
  });

  it("makes the session instance refuse writes at its limit, and keep all its keys", async () => {
    const before = await life(containerOf("session"));
    await withRedis(urlOf("session"), async (client) => {
      const { taken, refusal } = await fill(client);
      assert.match(refusal ?? "", /^OOM command not allowed/);
      const kept = await client.exists(Array.from({ length: taken }, (_, index) => keyOf(index)));
      assert.equal(kept, taken);
      assert.equal((await client.get(keyOf(0)))?.length, VALUE_BYTES);
      await client.unlink(Array.from({ length: BATCH }, (_, index) => keyOf(index)));
      await client.set(keyOf(0), "room again");
    });
    const { evicted_keys } = await withRedis(administrator("session"), statistics);
    assert.equal(evicted_keys, 0);
    assert.equal(await life(containerOf("session")), before);
  });

  it("keeps sessions and users when the container is killed, except for the last second of writes", async () => {
    const container = containerOf("session");
    await withRedis(urlOf("session"), (client) => client.set(keyOf(0), "kept"));
    await sleep(2_000); // Redis writes to disk every second.
    await docker("kill", container);
    await docker("start", container);
    const deadline = Date.now() + 30_000;
    for (;;) {
      const state = await docker("inspect", "--format", "{{.State.Health.Status}}", container);
      if (state === "healthy") {
        break;
      }
      assert.ok(Date.now() < deadline, `${container} is ${state}`);
      await sleep(200);
    }
    assert.equal(await withRedis(urlOf("session"), (client) => client.get(keyOf(0))), "kept");
  });
});
