import assert from "node:assert/strict";

import { followLeader } from "../../../client/src/events/follow-leader";
import { loadKafka } from "../../../client/src/events/kafka-library";

import "../../support/with-resolvers";

type Operation = (done: (error: unknown) => void, attempt: number) => void;
type Retry = (name: string, operation: Operation, callback: (error: unknown) => void) => void;

const NAMES = ["performWithRetry", "bootstrapBrokers"].map((name) => `plt.kafka.base.${name}`);

/** A member of the library's producer by the text of its symbol. */
function memberOf(producer: object, name: string): unknown {
  for (let at: object | null = producer; at; at = Object.getPrototypeOf(at) as object | null) {
    const key = Object.getOwnPropertySymbols(at).find(({ description }) => description === name);
    if (key) {
      return (producer as Record<symbol, unknown>)[key];
    }
  }
  return undefined;
}

describe("a producer whose broker is lost", () => {
  before(async function () {
    // It takes a second to load.
    this.timeout(30_000);
    await loadKafka();
  });

  async function producerOf(retries: number) {
    const { Producer } = await loadKafka();
    const bootstrapBrokers = ["a:1", "b:1", "c:1"];
    return followLeader(new Producer({ clientId: "t", bootstrapBrokers, retries, retryDelay: 0 }));
  }

  it("asks again, and another broker, before each further attempt", async () => {
    const producer = await producerOf(3);
    let asked = 0;
    producer.clearMetadata = () => void asked++;
    const first = () => (memberOf(producer, NAMES[1]) as { host: string }[])[0].host;
    const seen: string[] = [];
    const retry = memberOf(producer, NAMES[0]) as Retry;
    const ended = await new Promise((resolve) => {
      const lost: Operation = (done, attempt) => {
        seen.push(first());
        done(attempt < 2 ? new Error("lost") : null);
      };
      retry.call(producer, "produce", lost, resolve);
    });
    assert.deepEqual([ended, seen, asked], [null, ["a", "b", "c"], 2]);
    await producer.close();
  });

  it("leaves the library's other requests alone", async () => {
    const producer = await producerOf(0);
    let asked = 0;
    producer.clearMetadata = () => void asked++;
    const retry = memberOf(producer, NAMES[0]) as Retry;
    await new Promise((resolve) =>
      retry.call(producer, "metadata", (done) => done(new Error("lost")), resolve),
    );
    assert.equal(asked, 0);
    await producer.close();
  });
});
