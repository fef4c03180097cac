/** A member of a consumer group in the terms of @platformatic/kafka. */
import type { Consumer, Message, MessagesStream } from "@platformatic/kafka" with {
  "resolution-mode": "import",
};

import type { KafkaLogin } from "../connections";
import { withinTime } from "../within-time";
import type { ReceivedMessage } from "./dead-letters";
import { loadKafka } from "./kafka-library";
import { type KafkaClientOptions, kafkaOptions } from "./kafka-options";

/** How long leaving the group may take when the broker does not answer. */
const LEAVE_LIMIT_MS = 5_000;

export async function createMember(
  group: string,
  login: KafkaLogin,
  options: KafkaClientOptions,
): Promise<Consumer> {
  const { Consumer: Implementation } = await loadKafka();
  return new Implementation({
    ...kafkaOptions(login, options),
    groupId: group,
    // The partitions of a process that was killed go to the others after this time.
    sessionTimeout: 10_000,
  });
}

/** Messages as they come, undecoded. */
export type Messages = MessagesStream<Buffer, Buffer, Buffer, Buffer>;

/**
 * Reads topics from where the group has stopped, and ends with an error when the member has lost its group.
 * @param from where a group begins that has read nothing yet
 */
export async function readGroup(
  member: Consumer,
  topics: string[],
  from: "earliest" | "latest",
  options: { maxWaitTime: number; highWaterMark?: number },
): Promise<Messages> {
  const stream = await member.consume({
    ...{ topics, mode: "committed", fallbackMode: from, autocommit: false },
    ...options,
  });
  // A stream that is given up between two reads has nobody else who listens.
  stream.on("error", () => undefined);
  // A member that cannot join its group again sends no more heartbeats, and says so only here: unheard, that would end
  // the process (@platformatic/kafka 2.12.1, dist/clients/consumer/consumer.js #heartbeat).
  member.on("error", (error: Error) => stream.destroy(error));
  return stream;
}

/** Leaves the group and disconnects; a broker that does not answer is not waited for. */
export async function leave(member: Consumer): Promise<void> {
  await withinTime(member.close(true), LEAVE_LIMIT_MS).catch(() => undefined);
}

/** The message in the terms of this platform: the topic without the stack's prefix, and headers as text. */
export function receivedFrom(message: Message, { topicPrefix }: KafkaLogin): ReceivedMessage {
  const { topic, partition, offset, key, value, headerEntries } = message;
  return {
    topic: topic.slice(topicPrefix.length),
    ...{ partition, offset, key, value },
    headers: new Map(headerEntries.map(([name, text]) => [String(name), String(text)])),
  };
}
