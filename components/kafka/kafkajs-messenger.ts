import type { Admin, Kafka } from "kafkajs";

import type { KafkaMessenger, TopicHealth } from "./kafka-administrator";
import { type ReadMessage, readPartitions } from "./kafkajs-reader";
import { writeMessages } from "./kafkajs-sessions";

/** What a report asks of topics, in the terms of KafkaJS. */
export const createMessenger = (kafka: Kafka, admin: Admin): KafkaMessenger => ({
  topicHealth: () => topicHealth(admin),
  async createTopic(name, replicationFactor) {
    const topics = [{ topic: name, numPartitions: 1, replicationFactor }];
    await admin.createTopics({ topics, waitForLeaders: true });
  },
  async deleteTopics(names) {
    await admin.deleteTopics({ topics: [...names] });
  },
  echo: (topic, text) => echo(kafka, topic, text),
});

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
