import { setTimeout as sleep } from "node:timers/promises";

import type { Brokers } from "./brokers";

// Topics are compressed by a codec that KafkaJS lacks, and that this file gives it.
import "./clients";

/** Messages that are acknowledged between two steps of an outage. */
const SOME = 50;

/**
 * Writes to a topic without a pause, each message acknowledged by all copies in step, while brokers go and come back.
 * @param outage is given a function that waits until some more messages were acknowledged
 * @returns the acknowledged messages that nobody can read afterwards
 */
export async function lostIn(
  brokers: Brokers,
  writer: { username: string; password: string },
  topic: string,
  outage: (written: () => Promise<void>) => Promise<void>,
): Promise<string[]> {
  const patient = { retry: { retries: 20, initialRetryTime: 100, maxRetryTime: 2_000 } };
  const producer = brokers.client(writer, patient).producer();
  await producer.connect();
  const acknowledged: string[] = [];
  let stop = false;
  const writing = (async () => {
    for (let at = 0; !stop; at++) {
      const value = `kept ${at}`;
      await producer.send({ topic, acks: -1, messages: [{ key: String(at), value }] });
      acknowledged.push(value);
    }
  })();
  const written = async () => {
    const before = acknowledged.length;
    while (acknowledged.length < before + SOME) {
      // A writer that gave up ends the wait.
      await Promise.race([writing, sleep(20)]);
    }
  };
  try {
    await outage(written);
    await brokers.joined();
  } finally {
    stop = true;
    await writing.finally(() => producer.disconnect());
  }
  return missing(brokers, topic, acknowledged);
}

async function missing(brokers: Brokers, topic: string, expected: string[]): Promise<string[]> {
  const left = new Set(expected);
  const consumer = brokers.client().consumer({ groupId: "auditor" });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    eachMessage: ({ message }) => Promise.resolve(void left.delete(String(message.value))),
  });
  for (const until = Date.now() + 60_000; left.size > 0 && Date.now() < until;) {
    await sleep(50);
  }
  await consumer.disconnect();
  return [...left];
}
