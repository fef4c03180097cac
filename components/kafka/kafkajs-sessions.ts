/** Connections of KafkaJS that end with what was asked over them. */
import type { Admin, Kafka, Message, RecordMetadata } from "kafkajs";

/** Acts over a connection of its own. @throws KafkaJS's error */
export async function withAdmin<T>(kafka: Kafka, act: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    return await act(admin);
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}

/** Writes messages, in their order for each key, and waits for all copies of them. @throws KafkaJS's error */
export async function writeMessages(
  kafka: Kafka,
  topic: string,
  messages: Message[],
): Promise<RecordMetadata[]> {
  const producer = kafka.producer({ allowAutoTopicCreation: false });
  try {
    await producer.connect();
    return await producer.send({ topic, messages, acks: -1 });
  } finally {
    await producer.disconnect().catch(() => undefined);
  }
}
