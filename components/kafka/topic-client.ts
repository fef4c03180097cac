/** What people do with topics as any user: list, read and write. */
import type { Admin } from "kafkajs";

import { type KafkaServer, withKafka } from "./kafka-client";
import { loadCodecs } from "./kafkajs-codecs";
import { type ReadMessage, readPartitions } from "./kafkajs-reader";
import { withAdmin, writeMessages } from "./kafkajs-sessions";

export type { ReadMessage };

/** A topic that the user may see. */
export interface TopicSummary {
  name: string;
  partitions: number;
  /** Messages between the first and the last offset of all partitions: an upper bound where the broker cleans up. */
  messages: number;
}

export interface NewMessage {
  key?: string;
  value: string;
  headers?: Record<string, string>;
}

/** Topics that the user may see, in order of their names; without those that brokers keep for themselves. */
export const listTopics = (server: KafkaServer): Promise<TopicSummary[]> =>
  withKafka(server, (kafka) =>
    withAdmin(kafka, async (admin) => {
      const { topics } = await admin.fetchTopicMetadata();
      const shown = topics.filter(({ name }) => !name.startsWith("_"));
      const summaries = shown.map(async ({ name, partitions }) => ({
        name,
        partitions: partitions.length,
        messages: await countMessages(admin, name),
      }));
      return (await Promise.all(summaries)).sort((a, b) => a.name.localeCompare(b.name));
    }),
  );

async function countMessages(admin: Admin, topic: string): Promise<number> {
  const offsets = await admin.fetchTopicOffsets(topic);
  return offsets.reduce((sum, { low, high }) => sum + Number(high) - Number(low), 0);
}

/**
 * Reads the last messages of a topic without joining a consumer group, so that nothing of it is left on the broker.
 * @param last most messages, of all partitions together
 * @param follow called with each later message until the signal; without it, reading ends with the last messages
 */
export const tailTopic = (
  server: KafkaServer,
  topic: string,
  last: number,
  onMessage: (message: ReadMessage) => void,
  follow?: AbortSignal,
): Promise<void> =>
  withKafka(server, async (kafka) => {
    loadCodecs();
    const offsets = await withAdmin(kafka, (admin) => admin.fetchTopicOffsets(topic));
    const ends = offsets.map(({ partition, low, high }) => ({
      partition,
      start: BigInt(low) > BigInt(high) - BigInt(last) ? BigInt(low) : BigInt(high) - BigInt(last),
      end: BigInt(high),
    }));
    const found: ReadMessage[] = [];
    await readPartitions(kafka, topic, ends, (message) => found.push(message));
    found
      .sort((a, b) => a.timestampMs - b.timestampMs)
      .slice(found.length - last)
      .forEach(onMessage);
    if (follow) {
      const later = ends.map(({ partition, end }) => ({ partition, start: end }));
      await readPartitions(kafka, topic, later, onMessage, follow);
    }
  });

/** Writes messages, in their order for each key, and waits for all copies of them. */
export const produceMessages = (
  server: KafkaServer,
  topic: string,
  messages: NewMessage[],
): Promise<{ partition: number; offset: string }[]> =>
  withKafka(server, async (kafka) => {
    const written = await writeMessages(kafka, topic, messages);
    return written.map(({ partition, baseOffset }) => ({ partition, offset: String(baseOffset) }));
  });
