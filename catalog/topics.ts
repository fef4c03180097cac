import { SERVICE_NAMES, type ServiceName } from "./services";

/** The principal of operators, who watch dead letters and announce maintenance. */
export const OPERATOR = "platform-ops";

/** Name of a user who writes or reads topics. */
export type Principal = ServiceName | typeof OPERATOR;

/** The settings of a topic, without its users. */
export interface TopicSettings {
  partitions: number;
  retentionDays: number;
  /**
   * Codec that producers are expected to use. Redpanda reports it to clients, and stores batches as they arrive
   * (redpanda-data/docs 26.2, topic-properties: compression.type).
   */
  compression: "snappy" | "lz4" | "gzip" | "zstd" | "producer";
}

export interface TopicDefinition extends TopicSettings {
  writers: readonly Principal[];
  readers: readonly Principal[];
}

/** End of the names of topics with dead letters. */
export const DEAD_LETTER_SUFFIX = "-dlq";

/** Codec of all topics that do not name another. */
export const USUAL_COMPRESSION = "snappy";

const snappy = (partitions: number, retentionDays: number): TopicSettings => ({
  partitions,
  retentionDays,
  compression: USUAL_COMPRESSION,
});

const streams: Record<string, TopicDefinition> = {
  "user-events": {
    ...snappy(3, 30),
    writers: ["user-service"],
    // Every service that stores data of a user must learn that the user was erased (docs/erasure.md).
    readers: ["agent-orchestrator", "content-service", "payment-service"],
  },
  "session-events": {
    ...snappy(5, 90),
    writers: ["agent-orchestrator"],
    readers: ["content-service"],
  },
  "agent-events": {
    ...snappy(8, 14),
    writers: ["agent-orchestrator"],
    readers: ["content-service"],
  },
  "content-events": {
    ...snappy(3, 60),
    writers: ["content-service"],
    readers: ["agent-orchestrator"],
  },
  "payment-events": {
    ...snappy(2, 365),
    writers: ["payment-service"],
    readers: ["user-service"],
  },
  "system-events": {
    ...snappy(1, 7),
    writers: [...SERVICE_NAMES, OPERATOR],
    readers: [...SERVICE_NAMES, OPERATOR],
  },
  "analytics-events": {
    ...snappy(3, 180),
    compression: "lz4",
    writers: SERVICE_NAMES,
    readers: [OPERATOR],
  },
  "notification-events": { ...snappy(2, 30), writers: SERVICE_NAMES, readers: [OPERATOR] },
  "learning-platform-events": { ...snappy(5, 30), writers: SERVICE_NAMES, readers: [OPERATOR] },
};

/** Topics that have dead letters, with the retention of those in days. */
const deadLetterDays: Record<string, number> = {
  "user-events": 30,
  "session-events": 30,
  "agent-events": 30,
  "content-events": 30,
  "payment-events": 365,
  "system-events": 30,
};

/** A service that reads a topic moves events that it cannot handle to the dead letters, and retries them from there. */
function deadLettersOf([topic, retentionDays]: [string, number]): [string, TopicDefinition] {
  const services = streams[topic].readers.filter((reader) => reader !== OPERATOR);
  return [
    `${topic}${DEAD_LETTER_SUFFIX}`,
    { ...snappy(1, retentionDays), writers: services, readers: [...services, OPERATOR] },
  ];
}

/** Every topic of the platform by name. The stack never touches topics that are not listed. */
export const TOPICS: Readonly<Record<string, TopicDefinition>> = {
  ...streams,
  ...Object.fromEntries(Object.entries(deadLetterDays).map(deadLettersOf)),
};

/** A topic that the configuration of a stack adds. */
export interface ExtraTopic extends Pick<TopicSettings, "partitions" | "retentionDays"> {
  name: string;
}

/** The platform's topics and those that a stack adds, which every service writes and reads. */
export const topicsWith = (
  extra: readonly ExtraTopic[],
): Readonly<Record<string, TopicDefinition>> => ({
  ...TOPICS,
  ...Object.fromEntries(
    extra.map(({ name, partitions, retentionDays }) => [
      name,
      { ...snappy(partitions, retentionDays), writers: SERVICE_NAMES, readers: SERVICE_NAMES },
    ]),
  ),
});

/** Types of the events in the topics, with their versions. */
export const EVENT_TYPES = [
  "user.registered.v1",
  "user.updated.v1",
  "user.role-changed.v1",
  "user.deleted.v1",
  "session.started.v1",
  "session.completed.v1",
  "session.failed.v1",
  "agent.started.v1",
  "agent.completed.v1",
  "agent.failed.v1",
  "content.generated.v1",
  "content.updated.v1",
  "content.quality-scored.v1",
  "content.archived.v1",
  "payment.subscription-activated.v1",
  "payment.subscription-cancelled.v1",
  "payment.failed.v1",
  "system.maintenance-started.v1",
  "system.alert-triggered.v1",
] as const;

export type EventType = (typeof EVENT_TYPES)[number];

/** The topic that carries the events of a type, by the type's first word: user.registered.v1 is in user-events. */
export const topicOf = (type: string): string => `${type.split(".")[0]}-events`;

/** Folder of the schemas of events, from the root of the checkout. */
export const SCHEMA_DIRECTORY = "schemas";

/**
 * How the registry compares a new version of an event's schema: readers of every version before must be able to read
 * its events. event-schemas/evolution.ts says why the way back is not the registry's to check
 * (docs/decisions/0007-event-schemas.md).
 */
export const SCHEMA_COMPATIBILITY = "FORWARD_TRANSITIVE";
