/** What services rely on, restated from the platform's contract, so that no edit of the catalogue alone changes it. */

export const SERVICES = [
  "user-service",
  "agent-orchestrator",
  "content-service",
  "payment-service",
];

/** Database and start of the role names, by service. */
export const DATABASES: Record<string, { database: string; prefix: string }> = {
  "user-service": { database: "user_service_db", prefix: "user_service" },
  "agent-orchestrator": { database: "agent_orchestrator_db", prefix: "agent_orchestrator" },
  "content-service": { database: "content_service_db", prefix: "content_service" },
  "payment-service": { database: "payment_service_db", prefix: "payment_service" },
};

/** Topics of every stack: partitions, retention in days, codec. */
export const TOPICS: Record<string, [partitions: number, days: number, codec: string]> = {
  "user-events": [3, 30, "snappy"],
  "session-events": [5, 90, "snappy"],
  "agent-events": [8, 14, "snappy"],
  "content-events": [3, 60, "snappy"],
  "payment-events": [2, 365, "snappy"],
  "system-events": [1, 7, "snappy"],
  "analytics-events": [3, 180, "lz4"],
  "notification-events": [2, 30, "snappy"],
  "learning-platform-events": [5, 30, "snappy"],
  "user-events-dlq": [1, 30, "snappy"],
  "session-events-dlq": [1, 30, "snappy"],
  "agent-events-dlq": [1, 30, "snappy"],
  "content-events-dlq": [1, 30, "snappy"],
  "system-events-dlq": [1, 30, "snappy"],
  "payment-events-dlq": [1, 365, "snappy"],
};

const shared = [
  "system-events",
  "analytics-events",
  "notification-events",
  "learning-platform-events",
];
const SYSTEM_DLQ = "system-events-dlq";
const deadLetters = Object.keys(TOPICS).filter((topic) => topic.endsWith("-dlq"));

/** Topics that each principal writes and reads. */
export const TOPIC_USE: Record<string, { writes: string[]; reads: string[] }> = {
  "user-service": {
    writes: ["user-events", "payment-events-dlq", ...shared, SYSTEM_DLQ],
    reads: ["payment-events", "payment-events-dlq", "system-events", SYSTEM_DLQ],
  },
  "agent-orchestrator": {
    writes: [
      "session-events",
      "agent-events",
      "user-events-dlq",
      "content-events-dlq",
      ...shared,
      SYSTEM_DLQ,
    ],
    reads: [
      "user-events",
      "content-events",
      "user-events-dlq",
      "content-events-dlq",
      "system-events",
      SYSTEM_DLQ,
    ],
  },
  "content-service": {
    writes: [
      "content-events",
      "session-events-dlq",
      "agent-events-dlq",
      "user-events-dlq",
      ...shared,
      SYSTEM_DLQ,
    ],
    reads: [
      "session-events",
      "agent-events",
      "user-events",
      "session-events-dlq",
      "agent-events-dlq",
      "user-events-dlq",
      "system-events",
      SYSTEM_DLQ,
    ],
  },
  "payment-service": {
    writes: ["payment-events", "user-events-dlq", ...shared, SYSTEM_DLQ],
    reads: ["user-events", "user-events-dlq", "system-events", SYSTEM_DLQ],
  },
  "platform-ops": { writes: ["system-events"], reads: [...shared, ...deadLetters] },
};

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
];

/** Redis instances that each service uses: all have a cache, and two keep sessions. */
export const REDIS_INSTANCES: Record<string, string[]> = {
  "user-service": ["cache", "session"],
  "agent-orchestrator": ["cache", "session"],
  "content-service": ["cache"],
  "payment-service": ["cache"],
};
