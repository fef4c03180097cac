import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { setTimeout as sleep } from "node:timers/promises";

import { type Message, Partitioners } from "kafkajs";

import { DEAD_LETTER, PermanentError, type PlatformEvent } from "../../client/src";
import { TOPICS } from "../support/contract";
import { kafkaAs, withRedis } from "./support/clients";
import { docker } from "./support/docker";
import { platform } from "./support/hooks";
import { clientOf, clientOfOperator, closeClients, warnings } from "./support/platform-client";
import { until } from "./support/running";

/** Where @platformatic/kafka announces what it sends (2.12.1, dist/diagnostic.js). */
const SENDS = "tracing:plt:kafka:producer:sends:start";

/** So that one run's events and keys are told from those of other tests. */
const run = randomUUID();

/** Characters of an event's data, beside which the rest of it just fits. */
const LARGEST = 1_043_500;

describe("The client of services", () => {
  afterEach(closeClients);

  describe("database", () => {
    it("logs in to the service's own database, and reads it with another login", async () => {
      const client = clientOf("content-service");
      const whoAmI = "select current_user || ' ' || current_database() as text";
      const found = await Promise.all(
        [client.database(), client.databaseReadonly()].map(async (database) => {
          const { rows } = await database.query<{ text: string }>(whoAmI);
          return rows[0].text;
        }),
      );
      assert.deepEqual(found, [
        "content_service_app content_service_db",
        "content_service_readonly content_service_db",
      ]);
      await assert.rejects(
        client.databaseReadonly().query("delete from generated_content"),
        /permission denied/,
      );
    });
  });

  describe("cache", () => {
    interface User {
      name: string;
    }
    const users = () => clientOf("user-service").cache<User>("users");
    const ready = async () => {
      const cache = users();
      await until(
        async () =>
          (await cache.get(`warm-up-${run}`, async () => ({ name: "x" }))) !== undefined &&
          cache.statistics().hits > 0,
      );
      return cache;
    };
    const loader = (name: string) => {
      const load = async () => {
        load.calls += 1;
        return { name };
      };
      load.calls = 0;
      return load;
    };

    it("reads through once, and answers other instances from then on", async () => {
      const [cache, other] = [await ready(), await ready()];
      const load = loader("Ann");
      const key = `through-${run}`;
      const values = await Promise.all([1, 2, 3].map(() => cache.get(key, load)));
      assert.deepEqual([values, load.calls], [[1, 2, 3].map(() => ({ name: "Ann" })), 1]);
      assert.deepEqual(await other.get(key, () => assert.fail("loaded")), { name: "Ann" });
    });

    it("keeps entries for the type's time, a tenth more or less", async () => {
      const cache = await ready();
      const keys = Array.from({ length: 20 }, (_, index) => `ttl-${run}-${index}`);
      await cache.fill(keys.map((key) => [key, { name: key }] as const));
      const { url, keyPrefix } = platform().outputs.services["user-service"].cache;
      const seconds = await withRedis(url, (redis) =>
        Promise.all(keys.map((key) => redis.ttl(`${keyPrefix}cache:users:${key}`))),
      );
      assert.ok(Math.min(...seconds) >= 1_610 && Math.max(...seconds) <= 1_980, seconds.join(" "));
      assert.ok(new Set(seconds).size > 3, "entries expire together");
    });

    it("loads again after an invalidation by key and by type, in every instance", async () => {
      const [cache, other] = [await ready(), await ready()];
      const [first, second] = [`first-${run}`, `second-${run}`];
      await cache.fill([first, second].map((key) => [key, { name: "old" }] as const));
      await other.invalidate(first);
      assert.deepEqual(await cache.get(first, loader("new")), { name: "new" });
      assert.deepEqual(await cache.get(second, loader("new")), { name: "old" });
      await other.invalidateAll();
      assert.deepEqual(await cache.get(second, loader("new")), { name: "new" });
      assert.deepEqual(await cache.get(second, () => assert.fail("loaded")), { name: "new" });
    });

    it("does not store what another instance invalidated while it was being read", async () => {
      const [cache, other] = [await ready(), await ready()];
      const key = `race-${run}`;
      await cache.get(key, async () => {
        await other.invalidate(key);
        return { name: "old" };
      });
      assert.deepEqual(await other.get(key, loader("new")), { name: "new" });
    });

    it("is warmed from a list", async () => {
      const cache = await ready();
      const keys = Array.from({ length: 30 }, (_, index) => `warm-${run}-${index}`);
      let running = 0;
      let most = 0;
      await cache.warm(
        keys,
        async (key) => {
          most = Math.max(most, (running += 1));
          await sleep(2);
          running -= 1;
          return { name: key };
        },
        { concurrency: 4 },
      );
      assert.equal(most, 4);
      const before = cache.statistics();
      for (const key of keys) {
        assert.deepEqual(await cache.get(key, () => assert.fail("loaded")), { name: key });
      }
      const { hits, misses, loads, errors } = cache.statistics();
      assert.deepEqual(
        [hits - before.hits, misses - before.misses, loads - before.loads, errors - before.errors],
        [30, 0, 0, 0],
      );
    });

    it("is invalidated by the events of another service", async () => {
      const content = clientOf("content-service");
      const cache = content.cache<User>("users");
      const key = randomUUID();
      await cache.get(key, loader("old"));
      const consumer = content
        .consumer({ topics: ["user-events"], group: `cache-${run}` })
        .on(cache.invalidating({ "user.updated.v1": ({ subject }) => subject }))
        .start();
      await clientOf("user-service")
        .producer()
        .publish("user-events", { type: "user.updated.v1", subject: key, data: {} });
      await until(async () => (await cache.get(key, loader("new")))?.name === "new");
      await consumer.stop();
    });

    it("fails no read while Redis is away, and then forgets what changed meanwhile", async () => {
      const cache = await ready();
      const key = `away-${run}`;
      await cache.get(key, loader("old"));
      const { container } = platform().outputs.accessPoints.redis;
      await docker("stop", "--time", "1", container);
      try {
        await cache.invalidate(key);
        const begin = Date.now();
        assert.deepEqual(await cache.get(key, loader("new")), { name: "new" });
        assert.ok(Date.now() - begin < 2_000, "a read waits for Redis");
        await assert.rejects(
          cache.get(`other-${run}`, () => Promise.reject(new Error("no user"))),
          /^Error: no user$/,
        );
        assert.ok(cache.statistics().errors > 0);
      } finally {
        await docker("start", container);
      }
      const load = loader("new");
      await until(async () => {
        const before = cache.statistics().hits;
        await cache.get(key, load);
        return cache.statistics().hits > before;
      });
      assert.deepEqual(await cache.get(key, () => assert.fail("loaded")), { name: "new" });
      assert.equal(warnings.filter((text) => text.includes("connection lost")).length, 1);
    });
  });

  describe("sessions", () => {
    it("live for a quarter of an hour after their last use, and end", async () => {
      const sessions = clientOf("user-service").sessions<{ user: string }>();
      const id = await sessions.create({ user: "42" });
      const { url, keyPrefix } = platform().outputs.services["user-service"].session!;
      await withRedis(url, async (redis) => {
        const key = `${keyPrefix}session:${id}`;
        assert.ok((await redis.ttl(key)) > 890);
        await redis.expire(key, 5);
        assert.deepEqual(await sessions.read(id), { user: "42" });
        assert.ok((await redis.ttl(key)) > 890);
      });
      await sessions.end(id);
      assert.equal(await sessions.read(id), undefined);
      assert.throws(
        () => clientOf("content-service").sessions(),
        /content-service keeps no sessions/,
      );
    });
  });

  describe("events", () => {
    const subjectOf = (index: number) => `${run}-${index}`;

    /** Events of this run that a consumer handled, in order. */
    function collector() {
      const seen: PlatformEvent[] = [];
      return {
        seen,
        subjects: () => seen.map(({ subject }) => subject),
        handler: async (event: PlatformEvent) => {
          if (event.subject.startsWith(run)) {
            seen.push(event);
          }
        },
      };
    }

    it("reach other services in order for each subject, and one service once", async () => {
      const { seen, handler } = collector();
      const group = `order-${run}`;
      const consumers = [1, 2].map(() =>
        clientOf("agent-orchestrator")
          .consumer({ topics: ["user-events"], group })
          .on({ "user.updated.v1": handler })
          .start(),
      );
      const producer = clientOf("user-service").producer();
      const versions = Array.from({ length: 60 }, (_, version) => version);
      await Promise.all(
        versions.map((version) =>
          producer.publish("user-events", {
            type: "user.updated.v1",
            subject: subjectOf(version % 5),
            data: { version },
          }),
        ),
      );
      await until(() => seen.length >= versions.length);
      for (const subject of [0, 1, 2, 3, 4].map(subjectOf)) {
        const found = seen.filter((event) => event.subject === subject).map(({ data }) => data);
        const expected = versions.filter((version) => subjectOf(version % 5) === subject);
        assert.deepEqual(
          found,
          expected.map((version) => ({ version })),
        );
      }
      await Promise.all(consumers.map((consumer) => consumer.stop()));
      assert.equal(seen.length, versions.length);
      assert.equal(seen[0].source, "user-service");
    });

    it("go to the partition that Java's clients choose", async () => {
      const topic = "learning-platform-events";
      const keys = Array.from({ length: 20 }, (_, index) => `${run}-${index}`);
      await clientOf("user-service")
        .producer()
        .publishAll(
          topic,
          keys.map((subject) => ({ type: "system.alert-triggered.v1", subject, data: {} })),
        );
      const partitionMetadata = Array.from({ length: TOPICS[topic][0] }, (_, partitionId) => ({
        ...{ partitionId, partitionErrorCode: 0, leader: 0, replicas: [], isr: [] },
      }));
      const partitioner = Partitioners.DefaultPartitioner();
      const expected = keys.map((key) => [
        key,
        partitioner({ topic, partitionMetadata, message: { key, value: null } as Message }),
      ]);
      const found = await readAsOperator(topic, keys.length);
      assert.deepEqual(found.map(({ key, partition }) => [key, partition]).sort(), expected.sort());
    });

    it("are refused where they or their dead letters are larger than the broker accepts, before they are sent", async () => {
      const producer = clientOf("user-service").producer();
      const publish = (length: number) =>
        producer.publish("user-events", {
          ...{ type: "user.updated.v1", subject: run, data: "x".repeat(length) },
        });
      await publish(LARGEST);
      await assert.rejects(publish(1_048_576), /has 104\d{4} bytes, and may have 1044480\./);
    });

    it("are compressed as the topic says, and can be read", async () => {
      // The broker may compress anew what it stores: what the client sent is to be seen only there.
      const codecs: Record<string, string> = {};
      const note = (message: unknown) => {
        const { options } = message as {
          options: { compression: string; messages: { topic: string }[] };
        };
        codecs[options.messages[0].topic] = options.compression;
      };
      const topics = ["notification-events", "analytics-events"];
      const seen = new Set<string>();
      const consumer = clientOfOperator()
        // Other tests write what is no event, and these topics have no dead letters.
        .consumer({ topics, group: run, from: "latest" })
        .on({ "system.alert-triggered.v1": async (_event, { topic }) => void seen.add(topic) })
        .start();
      subscribe(SENDS, note);
      const producer = clientOf("user-service").producer();
      // What is sent before the group has its place is not read.
      await until(async () => {
        for (const topic of topics) {
          await producer.publish(topic, {
            ...{ type: "system.alert-triggered.v1", subject: run, data: "x".repeat(10_000) },
          });
        }
        return seen.size === topics.length;
      });
      unsubscribe(SENDS, note);
      await consumer.stop();
      assert.deepEqual(codecs, { "notification-events": "snappy", "analytics-events": "lz4" });
      assert.equal((await readAsOperator("notification-events", 1))[0].key, run);
    });

    it("that fail become dead letters with the reason, and are handled when they are replayed", async () => {
      const service = clientOf("content-service");
      const calls: [subject: string, isReplay: boolean, attempt: number][] = [];
      const begun = new Set<string>();
      let isRepaired = false;
      const consumer = service
        .consumer({
          topics: ["user-events"],
          group: `failing-${run}`,
          // Other tests write what is no event, which would become dead letters, too.
          from: "latest",
          retries: { attempts: 3, firstMs: 1 },
        })
        .on({
          "user.registered.v1": async ({ subject }) => void begun.add(subject),
          "user.role-changed.v1": async ({ subject, data }, { isReplay, attempt }) => {
            if (!subject.startsWith(run)) {
              return;
            }
            calls.push([subject, isReplay, attempt]);
            if (!isRepaired && (data as { fails?: string }).fails !== undefined) {
              throw (data as { fails: string }).fails === "for good"
                ? new PermanentError("no such role")
                : new TypeError("no role yet");
            }
          },
        })
        .start();
      const subjects = [0, 1, 2].map(subjectOf);
      // What is sent before the group has its place is not read.
      await until(async () => {
        const events = subjects.map((subject) => ({
          type: "user.registered.v1",
          subject,
          data: {},
        }));
        await clientOf("user-service").producer().publishAll("user-events", events);
        return subjects.every((subject) => begun.has(subject));
      });
      await clientOf("user-service")
        .producer()
        .publishAll(
          "user-events",
          [{ fails: "for now" }, { fails: "for good", rest: "x".repeat(LARGEST) }, {}].map(
            (data, index) => ({
              type: "user.role-changed.v1",
              subject: subjectOf(index),
              data,
            }),
          ),
        );
      const of = (index: number) => calls.filter(([subject]) => subject === subjectOf(index));
      await until(() => of(0).length === 3 && of(1).length === 1 && of(2).length === 1);
      await consumer.stop();
      const own = (await readAsOperator("user-events-dlq", 2)).map(({ key, headers }) => [
        key,
        headers[DEAD_LETTER.reason],
        headers[DEAD_LETTER.attempts],
        headers[DEAD_LETTER.topic],
      ]);
      assert.deepEqual(own.sort(), [
        [subjectOf(0), "TypeError: no role yet", "3", "user-events"],
        [subjectOf(1), "PermanentError: no such role", "1", "user-events"],
      ]);

      const replaying = () =>
        service.consumer({ topics: ["user-events"], group: `failing-${run}` });
      isRepaired = true;
      calls.splice(0);
      const replayed = replaying().on({
        "user.role-changed.v1": async ({ subject }, { isReplay, attempt }) =>
          void calls.push([subject, isReplay, attempt]),
      });
      const { handled, failed } = await replayed.replayDeadLetters("user-events");
      assert.deepEqual(calls.sort(), [
        [subjectOf(0), true, 1],
        [subjectOf(1), true, 1],
      ]);
      assert.deepEqual([handled, failed], [2, 0]);
      const again = await replayed.replayDeadLetters("user-events");
      assert.equal(again.handled, 0);
    });

    it("are finished when a consumer stops, and not handled again by the next", async () => {
      const group = `stopping-${run}`;
      const subject = `${run}-stop`;
      let begun = () => {};
      const isBegun = new Promise<void>((resolve) => (begun = resolve));
      const log: string[] = [];
      const consumer = clientOf("payment-service")
        .consumer({ topics: ["user-events"], group })
        .on({
          "user.deleted.v1": async (event) => {
            if (event.subject === subject) {
              begun();
              await sleep(500);
              log.push("done");
            }
          },
        })
        .start();
      const publish = () =>
        clientOf("user-service")
          .producer()
          .publish("user-events", { type: "user.deleted.v1", subject, data: {} });
      await publish();
      await isBegun;
      await consumer.stop();
      assert.deepEqual(log, ["done"]);

      const next = clientOf("payment-service")
        .consumer({ topics: ["user-events"], group })
        .on({
          "user.deleted.v1": async (event) => void (event.subject === subject && log.push("next")),
        })
        .start();
      await publish();
      await until(() => log.includes("next"));
      await next.stop();
      assert.deepEqual(log, ["done", "next"]);
    });

    it("go on when the broker was restarted in between", async () => {
      const { seen, subjects, handler } = collector();
      const consumer = clientOf("payment-service")
        .consumer({ topics: ["user-events"], group: `restart-${run}`, from: "latest" })
        .on({ "user.updated.v1": handler })
        .start();
      const producer = clientOf("user-service").producer();
      const publish = (index: number) =>
        producer.publish("user-events", {
          ...{ type: "user.updated.v1", subject: `${run}-restart-${index}`, data: {} },
        });
      // The group reads from the latest, so that it has to be there before.
      await until(async () => {
        await publish(-1);
        return seen.length > 0;
      });
      const { container } = platform().outputs.accessPoints.kafka;
      await docker("restart", "--time", "5", container);
      const expected = Array.from({ length: 20 }, (_, index) => index);
      await Promise.all(expected.map(publish));
      await until(() => seen.some(({ subject }) => subject === `${run}-restart-19`));
      await until(() => expected.every((index) => subjects().includes(`${run}-restart-${index}`)));
      await consumer.stop();
      const sorted = subjects().filter((subject) => !subject.endsWith("-1"));
      assert.equal(new Set(sorted).size, sorted.length, "an event was handled twice");
    });
  });
});

interface Found {
  key: string;
  partition: number;
  headers: Record<string, string>;
}

/**
 * Reads messages of this run with another library, as the operators' principal.
 * @throws what that library throws on a message that it cannot read
 */
async function readAsOperator(topic: string, count: number): Promise<Found[]> {
  const { administrators, accessPoints } = platform().outputs;
  const client = kafkaAs(accessPoints.kafka.address, administrators.kafkaOperator);
  const consumer = client.consumer({
    groupId: `platform-ops.${randomUUID()}`,
    retry: { retries: 0, restartOnFailure: async () => false },
  });
  const found: Found[] = [];
  await consumer.connect();
  try {
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      consumer.on("consumer.crash", ({ payload }) => reject(payload.error));
      void consumer.run({
        eachMessage: async ({ message: { key, headers = {} }, partition }) => {
          if (key?.toString().startsWith(run)) {
            const texts = Object.entries(headers).map(([name, text]) => [name, String(text)]);
            found.push({ key: String(key), partition, headers: Object.fromEntries(texts) });
          }
          if (found.length >= count) {
            resolve();
          }
        },
      });
    });
  } finally {
    await consumer.disconnect();
  }
  return found;
}
