import assert from "node:assert/strict";
import { execFile, spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";

import { type Message, Partitioners } from "kafkajs";

import { DATABASES, REDIS_INSTANCES, SERVICES, TOPICS } from "../support/contract";
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
      process.stdout.write("    skipped: needs Maven and a JDK 17 on the PATH\n");
      this.skip();
    }
    await buildClient();
    found = await useStack();
  });

  /** Whether Maven answers. Maven needs a JDK. Pulled images contain neither. */
  const hasJdk = () => spawnSync("mvn", ["--version"]).status === 0;

  /** Maven does nothing if nothing has changed. */
  async function buildClient(): Promise<void> {
    const goals = ["compile", "dependency:build-classpath", "-Dmdep.outputFile=target/classpath"];
    await promisify(execFile)("mvn", ["--quiet", "--batch-mode", ...goals], { cwd: CLIENT });
  }

  async function useStack(): Promise<Found> {
    const libraries = readFileSync(path.join(CLIENT, "target/classpath"), "utf8").trim();
    const classpath = [path.join(CLIENT, "target/classes"), libraries].join(path.delimiter);
    const client = spawn("java", ["-XX:TieredStopAtLevel=1", "-cp", classpath, "learning.Main"], {
      stdio: ["pipe", "pipe", "pipe"],
    });
    client.stdin.end(JSON.stringify(platform().outputs.services));
    const [answer, complaints] = await Promise.all([text(client.stdout), text(client.stderr)]);
    assert.equal(complaints, "");
    return JSON.parse(answer) as Found;
  }

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
