import { setTimeout as sleep } from "node:timers/promises";

import type { Kafka } from "kafkajs";

import { Platform, type ServiceConnections } from "../../../client/src";

import "../../support/with-resolvers";

/** Messages that are acknowledged between two steps of a loss. */
const SOME = 100;
/** Messages that are on their way at the same time. */
const BATCH = 10;

/**
 * Writes to a topic without a pause, by the client of services (acks=all, idempotent), while brokers are lost.
 * @param loss is given a function that waits until some more messages were acknowledged
 * @returns the values that were acknowledged, in their order
 */
export async function acknowledgedDuring(
  service: string,
  connections: ServiceConnections,
  topic: string,
  loss: (written: () => Promise<void>) => Promise<void>,
): Promise<string[]> {
  const client = new Platform(service, { connections });
  const acknowledged: string[] = [];
  let stop = false;
  const publish = async (value: string) => {
    const message = { key: Buffer.from(value), value: Buffer.from(value), headers: new Map() };
    await client.producer().publishRaw(topic, [message]);
    acknowledged.push(value);
  };
  const writing = (async () => {
    for (let at = 0; !stop; at += BATCH) {
      await Promise.all(Array.from({ length: BATCH }, (_, index) => publish(`sent ${at + index}`)));
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
    await loss(written);
  } finally {
    stop = true;
    await writing.finally(() => client.close());
  }
  return acknowledged;
}

/** How often each value is in a topic, read to its end. */
export async function countedIn(kafka: Kafka, topic: string): Promise<Map<string, number>> {
  const admin = kafka.admin();
  await admin.connect();
  const ends = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  let left = ends.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0);
  const found = new Map<string, number>();
  const consumer = kafka.consumer({ groupId: `counts-${Date.now()}` });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    eachMessage: ({ message }) => {
      const value = String(message.value);
      found.set(value, (found.get(value) ?? 0) + 1);
      left--;
      return Promise.resolve();
    },
  });
  for (const until = Date.now() + 60_000; left > 0 && Date.now() < until;) {
    await sleep(50);
  }
  await consumer.disconnect();
  return found;
}
