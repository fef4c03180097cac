import { FaultError } from "../fault";

/** What the broker refuses by its names of errors (kafka.apache.org/protocol#protocol_error_codes), and what to do. */
const REFUSALS: Readonly<Record<string, (user: string, topic: string) => string>> = {
  UNKNOWN_TOPIC_OR_PARTITION: (_user, topic) =>
    `There is no topic ${topic}. npm run topic -- list shows those that there are.`,
  TOPIC_AUTHORIZATION_FAILED: (user, topic) =>
    `${user} may not do that on ${topic}. docs/isolation.md says who writes and reads what.`,
  INVALID_TOPIC_EXCEPTION: (_user, topic) => `${topic} is no name that a topic can have.`,
  MESSAGE_TOO_LARGE: (_user, topic) => `The message is larger than ${topic} takes.`,
};

/** The error as a person needs it; the same error where nobody expected it. */
export function topicFault(
  error: Error,
  { user, topic = "a topic" }: { user: string; topic?: string },
): Error {
  const refusal = typesIn(error).find((type) => type in REFUSALS);
  return refusal === undefined ? error : new FaultError([REFUSALS[refusal](user, topic)]);
}

/** KafkaJS wraps the broker's error in others, or in a list. */
function typesIn(error: unknown): string[] {
  if (!(error instanceof Error)) {
    return [];
  }
  const { type, errors = [] } = error as { type?: string; errors?: unknown[] };
  return [...(type === undefined ? [] : [type]), ...[error.cause, ...errors].flatMap(typesIn)];
}
