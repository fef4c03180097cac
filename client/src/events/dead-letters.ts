/** The form of dead letters: the message as it was, with headers that say where it was and why it was given up. */
import { reasonOf } from "../log";
import type { RawMessage } from "./producer";

/** Where a message is, and what it holds. */
export interface ReceivedMessage {
  topic: string;
  partition: number;
  offset: bigint;
  key?: Buffer;
  value?: Buffer;
  headers: ReadonlyMap<string, string>;
}

/** Headers of a dead letter; all values are text. */
export const DEAD_LETTER = {
  /** The error of the last attempt, by name and message. */
  reason: "dead-letter-reason",
  topic: "dead-letter-topic",
  partition: "dead-letter-partition",
  offset: "dead-letter-offset",
  /** The consumer group that gave the message up: the topic also holds the dead letters of other services. */
  group: "dead-letter-group",
  /** How often the message was tried in all. */
  attempts: "dead-letter-attempts",
  /** When it was given up, in ISO 8601. */
  time: "dead-letter-time",
} as const;

/** Characters of a reason: the broker limits a message with its headers. */
const REASON_LIMIT = 1_000;

/** The topic of the dead letters of a topic, by the platform's name for it. */
export const deadLetterTopic = (topic: string): string => `${topic}-dlq`;

/**
 * The dead letter of a message. One that fails again keeps saying where the message was at first.
 * @param attempts since it was received
 */
export function deadLetterOf(
  message: ReceivedMessage,
  group: string,
  attempts: number,
  error: unknown,
  now = new Date(),
): RawMessage {
  const { headers } = message;
  const name = error instanceof Error ? error.name : "Error";
  const before = Number(headers.get(DEAD_LETTER.attempts) ?? 0);
  const own: Record<string, string> = {
    [DEAD_LETTER.topic]: headers.get(DEAD_LETTER.topic) ?? message.topic,
    [DEAD_LETTER.partition]: headers.get(DEAD_LETTER.partition) ?? String(message.partition),
    [DEAD_LETTER.offset]: headers.get(DEAD_LETTER.offset) ?? String(message.offset),
    [DEAD_LETTER.reason]: `${name}: ${reasonOf(error)}`.slice(0, REASON_LIMIT),
    [DEAD_LETTER.group]: group,
    [DEAD_LETTER.attempts]: String(before + attempts),
    [DEAD_LETTER.time]: now.toISOString(),
  };
  return {
    key: message.key,
    value: message.value ?? Buffer.alloc(0),
    headers: new Map([...headers, ...Object.entries(own)]),
  };
}
