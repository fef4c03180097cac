/** Outages of a Kafka cluster of three brokers that the suite has no time for. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

import { Brokers } from "../e2e/support/brokers";
import { docker } from "../e2e/support/docker";
import { lostIn } from "../e2e/support/outage";

describe("A topic with three copies on three brokers", () => {
  let brokers: Brokers;
  before(async () => {
    brokers = await Brokers.start("learning-platform-kafka-drill");
    const admin = brokers.client().admin();
    await admin.connect();
    const topics = ["each", "two"].map((topic) => ({
      ...{ topic, numPartitions: 6, replicationFactor: 3 },
      configEntries: [{ name: "compression.type", value: "snappy" }],
    }));
    // A broker that does not know them yet is no reason to fail: writers ask again.
    await admin.createTopics({ topics, waitForLeaders: false });
    await admin.disconnect();
  });
  after(() => brokers?.remove());

  const lost = (topic: string, outage: Parameters<typeof lostIn>[3]) =>
    lostIn(brokers, brokers.administrator, topic, outage);

  it("keeps all that was acknowledged while each broker is killed in turn", async () => {
    const missing = await lost("each", async (written) => {
      for (const broker of brokers.containers) {
        await written();
        await docker("kill", broker);
        await written();
        await docker("start", broker);
        await brokers.joined();
      }
    });
    assert.deepEqual(missing, []);
  });

  it("acknowledges nothing while two of three are down, and keeps all that it acknowledged", async () => {
    const two = brokers.containers.slice(1);
    const missing = await lost("two", async (written) => {
      await written();
      await docker("kill", ...two);
      let isWritten = false;
      const further = written().then(() => (isWritten = true));
      await sleep(5_000);
      assert.equal(isWritten, false);
      await docker("start", ...two);
      await brokers.joined();
      await further;
    });
    assert.deepEqual(missing, []);
  });
});
