import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";

import type { RedisLogin } from "../../../client/src/connections";
import { forEachOf } from "../../../client/src/redis/bounded";
import { Cache } from "../../../client/src/redis/cache";
import {
  cacheKeys,
  decodeEntry,
  encodeEntry,
  timeToLiveMs,
} from "../../../client/src/redis/cache-keys";
import type { CacheServer } from "../../../client/src/redis/cache-server";
import { closeRedis, connectRedis } from "../../../client/src/redis/connection";
import { withinTime } from "../../../client/src/within-time";

describe("Cache entries", () => {
  it("have keys that begin with the service's prefix", () => {
    const keys = cacheKeys("user-service:", "users");
    assert.equal(keys.entry("42"), "user-service:cache:users:42");
    assert.equal(keys.generation, "user-service:cache-generation:users");
  });

  it("of one type cannot have the key of another's generation", () => {
    const keys = cacheKeys("user-service:", "users");
    assert.ok(!keys.generation.startsWith(keys.entry("")));
  });

  for (const value of [null, 0, "", false, "two words", { a: [1, "ü"] }]) {
    it(`give back ${JSON.stringify(value)}`, () =>
      assert.deepEqual(decodeEntry(encodeEntry("g1", value), "g1"), { value }));
  }

  it("of another generation, tombstones and missing ones have no value", () => {
    assert.equal(decodeEntry(encodeEntry("g1", 1), "g2"), undefined);
    assert.equal(decodeEntry("invalidated", "g1"), undefined);
    assert.equal(decodeEntry(null, "g1"), undefined);
  });

  it("refuse a value without JSON, and one that is damaged", () => {
    assert.throws(() => encodeEntry("g1", () => 1), /without JSON/);
    assert.throws(() => decodeEntry("g1 {", "g1"), SyntaxError);
  });

  it("live for the type's time, a tenth more or less", () => {
    assert.equal(
      timeToLiveMs(1_800, () => 0),
      1_620_000,
    );
    assert.equal(
      timeToLiveMs(1_800, () => 0.5),
      1_800_000,
    );
    assert.equal(
      timeToLiveMs(1_800, () => 1),
      1_980_000,
    );
  });
});

describe("A cache", () => {
  /** A server of which a test says what it answers. */
  const cacheOn = (server: Partial<Record<"get" | "set" | "eval", () => Promise<unknown>>>) =>
    new Cache<string>(
      {
        ...{ get: async () => null, set: async () => "OK", eval: async () => 1, ...server },
        ...{ isReady: true, onReady: () => undefined, close: async () => undefined },
      } as unknown as CacheServer,
      {
        ...{ keyPrefix: "user-service:", type: "users", ttlSeconds: 60, readLimitMs: 20 },
        log: { warn: () => undefined },
      },
    );

  it("sends an invalidation that got no answer again, also where nobody reads", async function () {
    this.timeout(10_000);
    let calls = 0;
    const again = new Promise<void>((resolve) => {
      const cache = cacheOn({
        set: () => {
          calls += 1;
          return calls === 1
            ? new Promise(() => undefined)
            : Promise.resolve("OK").finally(resolve);
        },
      });
      void cache.invalidate("42");
    });
    await withinTime(again, 5_000);
    await sleep(1_500);
    assert.equal(calls, 2, "and no more once it was answered");
  });

  it("shares a load with other readers, but not one that hangs", async () => {
    const cache = cacheOn({});
    const now = Date.now();
    const clock = Date.now;
    try {
      void cache.get("42", () => new Promise(() => undefined));
      await nextTurn();
      void cache.get("42", () => assert.fail("the first load goes on"));
      await nextTurn();
      assert.equal(cache.statistics().loads, 1);
      Date.now = () => now + 5_000;
      assert.equal(await cache.get("42", async () => "value"), "value");
      assert.equal(cache.statistics().loads, 2);
    } finally {
      Date.now = clock;
    }
  });
});

describe("A connection to Redis", () => {
  /** Answers what a client says when it connects, and PING; as a machine that is gone, nothing to the connections of before. */
  async function startServer(pong = "+PONG\r\n") {
    const sockets: Socket[] = [];
    const silent = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.push(socket);
      socket
        .on("error", () => undefined)
        .on("data", (data: Buffer) => {
          const commands = data.toString().split(/(?=^\*\d+\r$)/m);
          const answer = (command: string) => {
            const [, , name] = command.split("\r\n");
            const answers: Record<string, string> = {
              HELLO: "%1\r\n$6\r\nserver\r\n$5\r\nredis\r\n",
              PING: pong,
            };
            return answers[name.toUpperCase()] ?? "+OK\r\n";
          };
          if (!silent.has(socket)) {
            socket.write(commands.map(answer).join(""));
          }
        });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    return {
      port: (server.address() as AddressInfo).port,
      connections: () => sockets.length,
      silence: () => sockets.forEach((socket) => silent.add(socket)),
      stop: () => (sockets.forEach((socket) => socket.destroy()), server.close()),
    };
  }

  const connected = (port: number, warnings: string[], silenceLimitMs: number) =>
    connectRedis(
      {
        ...{ host: "127.0.0.1", port, username: "u", password: "p", url: "redis://" },
        pool: { maxWaitMs: 2_000 },
      } as RedisLogin,
      {
        ...{ title: "cache", waits: false, silenceLimitMs },
        log: { warn: (message) => void warnings.push(message) },
      },
    );

  it("is given up and made anew where the server is silent, also while commands are sent", async function () {
    this.timeout(30_000);
    const server = await startServer();
    const warnings: string[] = [];
    const client = connected(server.port, warnings, 1_500);
    const ready = () => new Promise((resolve) => client.once("ready", resolve));
    try {
      await ready();
      await sleep(2_000);
      assert.equal(server.connections(), 1, "a server that answers keeps its connection");
      server.silence();
      const again = ready();
      const traffic = setInterval(() => void client.get("k").catch(() => undefined), 50);
      await withinTime(again, 15_000).finally(() => clearInterval(traffic));
      assert.equal(await client.get("k"), "OK");
      assert.ok(warnings.includes("cache: no answer for 1500 ms, connecting again"), `${warnings}`);
    } finally {
      client.destroy();
      server.stop();
    }
  });

  it("is kept where the server refuses to say more than that it is there", async function () {
    this.timeout(30_000);
    const server = await startServer("-MISCONF Errors writing to the AOF file\r\n");
    const warnings: string[] = [];
    const client = connected(server.port, warnings, 500);
    try {
      await new Promise((resolve) => client.once("ready", resolve));
      await sleep(1_500);
      assert.deepEqual(
        warnings.filter((text) => text.includes("no answer")),
        [],
      );
    } finally {
      client.destroy();
      server.stop();
    }
  });
});

describe("Closing a connection to Redis", () => {
  const clientOf = (isReady: boolean, closed: Promise<void>) => {
    const calls: string[] = [];
    const client = {
      ...{ isReady, isOpen: true },
      close: () => (calls.push("close"), closed),
      destroy: () => void calls.push("destroy"),
    };
    return { client, calls };
  };
  const CASES: [what: string, isReady: boolean, closed: Promise<void>, calls: string[]][] = [
    ["waits for the answers", true, Promise.resolve(), ["close"]],
    ["ends one that never answers", true, new Promise(() => undefined), ["close", "destroy"]],
    ["ends one that is not there", false, Promise.resolve(), ["destroy"]],
  ];
  for (const [what, isReady, closed, expected] of CASES) {
    it(what, async () => {
      const { client, calls } = clientOf(isReady, closed);
      await closeRedis(client as never, 20);
      assert.deepEqual(calls, expected);
    });
  }
});

describe("Work on many items", () => {
  /** Runs five items, and reports the largest number at the same time. */
  async function mostAtATime(items: Iterable<number> | AsyncIterable<number>, concurrency: number) {
    let running = 0;
    let most = 0;
    const seen: number[] = [];
    await forEachOf(items, concurrency, async (item) => {
      running += 1;
      most = Math.max(most, running);
      await nextTurn();
      running -= 1;
      seen.push(item);
    });
    return { most, seen: seen.sort() };
  }

  it("is done on so many at a time, and on all", async () => {
    assert.deepEqual(await mostAtATime([1, 2, 3, 4, 5], 2), { most: 2, seen: [1, 2, 3, 4, 5] });
    assert.deepEqual(await mostAtATime([1, 2, 3, 4, 5], 9), { most: 5, seen: [1, 2, 3, 4, 5] });
  });

  it("takes an item of a cursor only when there is room for it", async () => {
    let taken = 0;
    let done = 0;
    async function* cursor() {
      for (let item = 1; item <= 5; item += 1) {
        taken += 1;
        assert.ok(taken - done <= 2, `${taken} taken, ${done} done`);
        yield item;
      }
    }
    await forEachOf(cursor(), 2, async () => {
      await nextTurn();
      done += 1;
    });
    assert.equal(done, 5);
  });

  it("throws the first error after what had begun, and begins no more", async () => {
    const begun: number[] = [];
    const ended: number[] = [];
    const work = forEachOf([1, 2, 3, 4, 5], 2, async (item) => {
      begun.push(item);
      await nextTurn();
      if (item === 1) {
        throw new Error("one");
      }
      await nextTurn();
      ended.push(item);
    });
    await assert.rejects(work, /^Error: one$/);
    assert.deepEqual([begun, ended], [[1, 2], [2]]);
  });
});
