import assert from "node:assert/strict";
import path from "node:path";

import { type Message, Partitioners } from "kafkajs";

import { DATABASES, REDIS_INSTANCES, SERVICES, TOPICS } from "../support/contract";
import { build, hasJdk, NO_JDK, runMain } from "../support/maven";
import { platform } from "./support/hooks";

const CLIENT = path.join(__dirname, "jvm-client");
const KEYED_TOPIC = "learning-platform-events";

/** The client's results, by service and part. */
type Found = Record<string, unknown>;

describe("A JVM client with the settings of a service", function () {
  this.timeout(300_000);

  let found: Found;

  before(async function () {
    if (!hasJdk()) {
      process.stdout.write(NO_JDK);
      this.skip();
    }
    await build(CLIENT, "compile");
    const services = platform().outputs.services;
    const { answer, complaints } = await runMain(CLIENT, ["classes"], "learning.Main", services);
    assert.equal(complaints, "");
    found = JSON.parse(answer) as Found;
  });

  for (const service of SERVICES) {
    it(`fills a connection pool for each of two logins of ${service}, and prints no password`, () => {
      const { database, prefix } = DATABASES[service];
      assert.deepEqual(found[`${service} database`], {
        current: `${prefix}_app ${database}`,
        connections: 40,
        prepared: 1,
        "readonly connections": 10,
        "readonly write": "42501",
        "printed password": false,
      });
    });

    for (const instance of REDIS_INSTANCES[service]) {
      it(`reads and writes only the keys of ${service} in Redis (${instance})`, () => {
        assert.deepEqual(found[`${service} ${instance}`], {
          set: "OK",
          get: "value",
          delete: 1,
          "another's key": "NOPERM",
          scan: "NOPERM",
          keys: "NOPERM",
        });
      });
    }

    it(`writes and reads events as ${service}: in transactions, in its group, up to the size limit`, () => {
      const numbers = Array.from(
        { length: TOPICS[KEYED_TOPIC][0] },
        (_, partitionId) => partitionId,
      );
      const partitionMetadata = numbers.map((partitionId) => ({
        partitionId,
        partitionErrorCode: 0,
        leader: 0,
        replicas: [],
        isr: [],
      }));
      const message = { key: "k", value: null } as Message;
      const partition = Partitioners.DefaultPartitioner()({
        topic: KEYED_TOPIC,
        partitionMetadata,
        message,
      });
      assert.deepEqual(found[`${service} events`], {
        "partition of k": partition,
        "largest message": "taken",
        "larger message": "RecordTooLargeException",
        received: true,
        registry: 200,
      });
    });
  }

  it("reports nothing else", () => {
    const parts = SERVICES.map((service) => ["database", "events", ...REDIS_INSTANCES[service]]);
    assert.equal(Object.keys(found).length, parts.flat().length);
  });
});
