/** Reads the dead letters of a consumer group, from where it stopped the last time to the end. */
import { pause } from "../backoff";
import type { KafkaLogin } from "../connections";
import { DEAD_LETTER, deadLetterTopic, type ReceivedMessage } from "./dead-letters";
import type { Outcome } from "./handling";
import { createMember, leave, type Messages, readGroup, receivedFrom } from "./kafka-consumer";
import { loadKafka } from "./kafka-library";
import { type KafkaClientOptions, topicName } from "./kafka-options";

export type ReplayCounts = Record<Outcome["result"], number> & {
  /** Dead letters of other groups, which those replay. */
  foreign: number;
};

/** How often an idle reader looks whether it has reached the end. */
const LOOK_MS = 200;

/** @param handle handles a message; one that fails it makes a dead letter again */
export async function replayDeadLetters(
  topic: string,
  group: string,
  { login, ...options }: { login: KafkaLogin } & KafkaClientOptions,
  handle: (message: ReceivedMessage) => Promise<Outcome["result"]>,
): Promise<ReplayCounts> {
  const counts: ReplayCounts = { handled: 0, ignored: 0, failed: 0, stopped: 0, foreign: 0 };
  const name = topicName(login, deadLetterTopic(topic));
  const member = await createMember(`${group}.dead-letters`, login, options);
  try {
    const stream = await readGroup(member, [name], "earliest", { maxWaitTime: LOOK_MS });
    const { ListOffsetTimestamps } = await loadKafka();
    const offsets = await member.listOffsets({
      topics: [name],
      timestamp: ListOffsetTimestamps.LATEST,
    });
    for await (const message of upTo(stream, name, offsets.get(name)!)) {
      const letter = receivedFrom(message, login);
      const isOwn = letter.headers.get(DEAD_LETTER.group) === group;
      const result = isOwn ? await handle({ ...letter, topic }) : "foreign";
      counts[result] += 1;
      if (result === "stopped") {
        break;
      }
      await message.commit();
    }
    await stream.close();
  } finally {
    await leave(member);
  }
  return counts;
}

/** The messages before the given offsets, one for each partition. Those that follow are read the next time. */
async function* upTo(stream: Messages, topic: string, ends: bigint[]) {
  const isAtEnd = () =>
    stream.readableLength === 0 &&
    ends.every(
      (end, partition) => (stream.offsetsToFetch.get(`${topic}:${partition}`) ?? 0n) >= end,
    );
  const messages = stream[Symbol.asyncIterator]();
  let next = messages.next();
  for (;;) {
    const item = await Promise.race([next, pause(LOOK_MS)]);
    if (item === undefined) {
      if (isAtEnd()) {
        return;
      }
    } else if (item.done) {
      return;
    } else {
      if (item.value.offset < ends[item.value.partition]) {
        yield item.value;
      }
      next = messages.next();
    }
  }
}
