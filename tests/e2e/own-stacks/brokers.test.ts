import assert from "node:assert/strict";
import { appendFileSync, writeFileSync } from "node:fs";

import { acknowledgedDuring, countedIn } from "../support/broker-loss";
import { Checkout } from "../support/checkout";
import { kafkaAs, type Outputs } from "../support/clients";
import { docker, named, openPorts } from "../support/docker";
import { readOutputs } from "../support/hooks";
import { until } from "../support/running";

const STACK = "brokers";
const PREFIX = `learning-platform-${STACK}`;
const BROKERS = ["redpanda", "redpanda-2", "redpanda-3"].map((role) => `${PREFIX}-${role}`);
const SERVICE = "user-service";
const TOPIC = "user-events";
const RPC_PORT = 33_145;

describe("A stack that goes from one broker to three", () => {
  let checkout: Checkout;
  let outputs: Outputs;
  let preview: string;
  let before_: string[];

  const configure = (brokers: number) =>
    writeFileSync(
      checkout.path(`Pulumi.${STACK}.yaml`),
      [
        "config:",
        ...["protect: false", "fsync: false", "console: false", "postgresMemoryMb: 256"],
        ...["redpandaMemoryMb: 1024", `brokers: ${brokers}`],
      ].join("\n  learning-platform:"),
    );

  const kafka = () => kafkaAs(outputs.accessPoints.kafka.address, outputs.administrators.kafka);

  const write = (loss: Parameters<typeof acknowledgedDuring>[3]) =>
    acknowledgedDuring(SERVICE, outputs.services[SERVICE], TOPIC, loss);

  /** Ids of the brokers that have a copy of each partition in step, by topic. */
  async function copies(): Promise<Map<string, number[]>> {
    const admin = kafka().admin();
    await admin.connect();
    const { topics } = await admin.fetchTopicMetadata();
    await admin.disconnect();
    return new Map(
      topics.map(({ name, partitions }) => [name, partitions.map(({ isr }) => isr.length)]),
    );
  }

  before(async () => {
    checkout = new Checkout();
    configure(1);
    await checkout.npmOk("up", ["--stack", STACK]);
    outputs = await readOutputs(checkout, STACK);
    before_ = await write((written) => written());
    configure(3);
    preview = await checkout.npmOk("preview", ["--stack", STACK]);
    await checkout.npmOk("up", ["--stack", STACK]);
    outputs = await readOutputs(checkout, STACK);
  });
  after(() => checkout.cleanUp(STACK));

  it("says before that topics get more copies, and replaces none", () => {
    assert.match(preview, /^Makes 3 copies of 15 topics: the messages stay/m);
    assert.doesNotMatch(preview, /recreated without its records/);
  });

  it("has three copies of every topic, with the messages that were there", async () => {
    for (const [topic, inStep] of await copies()) {
      if (!topic.startsWith("__")) {
        assert.ok(
          inStep.every((count) => count === 3),
          `${topic}: ${inStep.join()}`,
        );
      }
    }
    const found = await countedIn(kafka(), TOPIC);
    assert.deepEqual([...found.keys()].sort(), [...before_].sort());
    assert.deepEqual(new Set(found.values()), new Set([1]));
  });

  it("publishes nothing of what brokers tell each other", async () => {
    const ports = await docker("port", BROKERS[0]);
    assert.doesNotMatch(ports, new RegExp(String(RPC_PORT)));
    assert.ok((await openPorts(BROKERS[0])).includes(RPC_PORT));
  });

  it("is right by its own report, and does not change in a second up", async () => {
    assert.match(await checkout.npmOk("verify", ["--stack", STACK]), /3 brokers/);
    const second = await checkout.npmOk("up", ["--stack", STACK]);
    assert.match(second, /^Plan for stack brokers: \d+ unchanged$/m);
  });

  it("loses and doubles nothing while its first broker is killed", async () => {
    const acknowledged = await write(async (written) => {
      await written();
      await docker("kill", BROKERS[0]);
      await written();
      await docker("start", BROKERS[0]);
      await written();
    });
    // While the first broker starts, it closes the connections to it: the published port answers before it does.
    const isWhole = () =>
      copies().then(
        (found) => [...found.values()].flat().every((count) => count === 3),
        () => false,
      );
    await until(isWhole, 60_000);
    const found = await countedIn(kafka(), TOPIC);
    assert.deepEqual(
      acknowledged.filter((value) => !found.has(value)),
      [],
    );
    assert.deepEqual(
      [...found].filter(([value, times]) => times > 1 && !before_.includes(value)),
      [],
    );
  });

  it("cannot go back to one", async () => {
    configure(1);
    appendFileSync(
      checkout.path(`Pulumi.${STACK}.yaml`),
      `\n  learning-platform:allowDataLoss: ${JSON.stringify(BROKERS.slice(1).map((name) => `${name}-data`))}\n`,
    );
    const { code, stdout, stderr } = await checkout.npm("up", ["--stack", STACK]);
    assert.equal(code, 1);
    assert.match(stdout + stderr, /Keep learning-platform:brokers at 3/);
    configure(3);
  });

  it("leaves nothing", async () => {
    await checkout.npmOk("down", ["--stack", STACK]);
    for (const kind of ["container", "volume", "network"] as const) {
      assert.deepEqual(await named(kind, `${PREFIX}-`), []);
    }
  });
});
