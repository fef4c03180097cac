/** The client of services while each server is gone for ten seconds. The suite has a short form of it (5-client). */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { type Cache, Platform, type PlatformEvent } from "../../client/src";
import { Checkout } from "../e2e/support/checkout";
import type { Outputs } from "../e2e/support/clients";
import { docker } from "../e2e/support/docker";
import { readOutputs } from "../e2e/support/hooks";
import { until } from "../e2e/support/running";

import "../support/with-resolvers";

const STACK = "client-drill";
const OUTAGE_MS = 10_000;

/** How a server goes away: its process ends, or it stays and is silent. */
const OUTAGES = [
  ["stopped", (container: string) => docker("stop", "--time", "1", container), "start"],
  ["killed", (container: string) => docker("kill", container), "start"],
  ["silent", (container: string) => docker("pause", container), "unpause"],
] as const;

describe("The client of services", () => {
  let checkout: Checkout;
  let outputs: Outputs;
  const made: Platform[] = [];

  before(async () => {
    checkout = new Checkout();
    const config = "config:\n  learning-platform:protect: false\n";
    writeFileSync(checkout.path(`Pulumi.${STACK}.yaml`), config);
    await checkout.npmOk("up", ["--stack", STACK]);
    outputs = await readOutputs(checkout, STACK);
  });
  after(() => checkout?.cleanUp(STACK));
  afterEach(async () => {
    await Promise.all(made.splice(0).map((platform) => platform.close()));
  });

  const clientOf = (service: string) => {
    const platform = new Platform(service, {
      connections: outputs.services[service],
      log: { warn: () => undefined },
      checksEvents: false,
    });
    made.push(platform);
    return platform;
  };

  /** Does something again and again while the server goes away for ten seconds and comes back, and then for a while. */
  async function during(
    server: "postgres" | "redis" | "kafka",
    [, goAway, comeBack]: (typeof OUTAGES)[number],
    act: (round: number) => Promise<void>,
  ): Promise<number> {
    const { container } = outputs.accessPoints[server];
    let isOver = false;
    const outage = (async () => {
      await sleep(1_000);
      await goAway(container);
      await sleep(OUTAGE_MS);
      await docker(comeBack, container);
      await sleep(5_000);
      isOver = true;
    })();
    let round = 0;
    while (!isOver) {
      await act(round);
      round += 1;
      await sleep(50);
    }
    await outage;
    return round;
  }

  for (const outage of OUTAGES) {
    const [how] = outage;

    it(`makes each change of the database once while PostgreSQL is ${how}`, async () => {
      const database = clientOf("user-service").database();
      const run = randomUUID();
      const rounds = await during("postgres", outage, (round) =>
        database.transaction(
          async (transaction) => {
            await transaction.query(
              `insert into users (email, password_hash, first_name, last_name)
               values ($1, 'x', 'Ann', 'Example')`,
              [`${round}-${run}@example.com`],
            );
          },
          { retryForMs: 60_000 },
        ),
      );
      const { rows } = await database.query<{ count: number }>(
        "select count(*)::int as count from users where email like $1",
        [`%${run}@example.com`],
      );
      assert.equal(rows[0].count, rounds);
    });

    it(`fails no read while the cache is ${how}, and uses it again`, async () => {
      const cache: Cache<number> = clientOf("user-service").cache<number>("users");
      let loads = 0;
      let slowest = 0;
      const key = randomUUID();
      await during("redis", outage, async () => {
        const begin = Date.now();
        assert.equal((await cache.get(key, async () => (loads += 1))) !== undefined, true);
        slowest = Math.max(slowest, Date.now() - begin);
      });
      assert.ok(slowest < 2_000, `a read took ${slowest} ms`);
      const before = cache.statistics();
      await cache.get(key, () => assert.fail("loaded"));
      assert.equal(cache.statistics().hits, before.hits + 1);
    });

    it(`loses no event, and keeps their order, while the broker is ${how}`, async () => {
      const subject = randomUUID();
      const seen: number[] = [];
      const consumer = clientOf("payment-service")
        .consumer({ topics: ["user-events"], group: `drill-${subject}` })
        .on({
          "user.updated.v1": async (event: PlatformEvent) => {
            if (event.subject === subject) {
              seen.push(event.data as number);
            }
          },
        })
        .start();
      const producer = clientOf("user-service").producer();
      const rounds = await during("kafka", outage, (round) =>
        producer.publish("user-events", { type: "user.updated.v1", subject, data: round }),
      );
      await until(() => seen.at(-1) === rounds - 1);
      // An event may come twice, as long as none is missing and none overtakes another.
      const first = seen.filter((value, index) => seen.indexOf(value) === index);
      assert.deepEqual(
        first,
        Array.from({ length: rounds }, (_, round) => round),
      );
      await consumer.stop();
    });

    it(`writes the first event of a producer that is made while the broker is ${how}`, async () => {
      const [, goAway, comeBack] = outage;
      const { container } = outputs.accessPoints.kafka;
      await goAway(container);
      const written = clientOf("content-service")
        .producer()
        .publish("content-events", { type: "content.updated.v1", subject: how, data: {} });
      await sleep(OUTAGE_MS);
      await docker(comeBack, container);
      await written;
    });
  }
});
