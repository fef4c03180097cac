import { setTimeout as sleep } from "node:timers/promises";

import type { Admin, Kafka } from "kafkajs";

import type { KafkaMessenger, TopicHealth } from "./kafka-administrator";
import { type ReadMessage, readPartitions } from "./kafkajs-reader";
import { writeMessages } from "./kafkajs-sessions";

/** What a report asks of topics, in the terms of KafkaJS. */
export const createMessenger = (kafka: Kafka, admin: Admin): KafkaMessenger => ({
  topicHealth: () => topicHealth(admin),
  async createTopic(name, replicationFactor) {
    const topics = [{ topic: name, numPartitions: 1, replicationFactor }];
    // KafkaJS gives up waiting where it asks a broker that has not heard of the topic yet: `echo` asks again.
    await admin.createTopics({ topics, waitForLeaders: false });
  },
  async deleteTopics(names) {
    await admin.deleteTopics({ topics: [...names] });
  },
  echo: (topic, text) => onceKnown(() => echo(kafka, topic, text)),
});

/** Until all brokers know a new topic and its leader. */
const KNOWN_MS = 5_000;
const LOOK_MS = 200;

async function onceKnown<T>(act: () => Promise<T>): Promise<T> {
  for (const until = Date.now() + KNOWN_MS; ; await sleep(LOOK_MS)) {
    try {
      return await act();
    } catch (error) {
      const isNew = /UNKNOWN_TOPIC_OR_PARTITION|LEADER_NOT_AVAILABLE|NOT_LEADER/.test(
        typesOf(error),
      );
      if (!isNew || Date.now() > until) {
        throw error;
      }
    }
  }
}

/** Kafka's names of the errors in one of KafkaJS. */
function typesOf(error: unknown): string {
  const { type, cause } = error as { type?: string; cause?: unknown };
  return [type ?? "", cause === undefined ? "" : typesOf(cause)].join(" ");
}

async function topicHealth(admin: Admin): Promise<TopicHealth[]> {
  const { topics } = await admin.fetchTopicMetadata();
  return topics.map(({ name, partitions }) => ({
    name,
    leaderless: partitions.filter(({ leader }) => leader < 0).length,
    underReplicated: partitions.filter(({ isr, replicas }) => isr.length < replicas.length).length,
  }));
}

async function echo(kafka: Kafka, topic: string, text: string): Promise<string | undefined> {
  await writeMessages(kafka, topic, [{ value: text }]);
  const messages: ReadMessage[] = [];
  const first = { partition: 0, start: 0n, end: 1n };
  await readPartitions(kafka, topic, [first], (message) => messages.push(message));
  return messages[0]?.value ?? undefined;
}
