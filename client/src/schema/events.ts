// Generated from catalog/topics.ts by `npm run types`. Edit that, not this file.

/** Names of the topics. A stack on shared servers begins them with its prefix. */
export const Topic = {
  USER_EVENTS: "user-events",
  SESSION_EVENTS: "session-events",
  AGENT_EVENTS: "agent-events",
  CONTENT_EVENTS: "content-events",
  PAYMENT_EVENTS: "payment-events",
  SYSTEM_EVENTS: "system-events",
  ANALYTICS_EVENTS: "analytics-events",
  NOTIFICATION_EVENTS: "notification-events",
  LEARNING_PLATFORM_EVENTS: "learning-platform-events",
  USER_EVENTS_DLQ: "user-events-dlq",
  SESSION_EVENTS_DLQ: "session-events-dlq",
  AGENT_EVENTS_DLQ: "agent-events-dlq",
  CONTENT_EVENTS_DLQ: "content-events-dlq",
  PAYMENT_EVENTS_DLQ: "payment-events-dlq",
  SYSTEM_EVENTS_DLQ: "system-events-dlq",
} as const;
export type Topic = (typeof Topic)[keyof typeof Topic];

/** Types of the events, with their versions. */
export const EventType = {
  USER_REGISTERED_V1: "user.registered.v1",
  USER_UPDATED_V1: "user.updated.v1",
  USER_ROLE_CHANGED_V1: "user.role-changed.v1",
  USER_DELETED_V1: "user.deleted.v1",
  SESSION_STARTED_V1: "session.started.v1",
  SESSION_COMPLETED_V1: "session.completed.v1",
  SESSION_FAILED_V1: "session.failed.v1",
  AGENT_STARTED_V1: "agent.started.v1",
  AGENT_COMPLETED_V1: "agent.completed.v1",
  AGENT_FAILED_V1: "agent.failed.v1",
  CONTENT_GENERATED_V1: "content.generated.v1",
  CONTENT_UPDATED_V1: "content.updated.v1",
  CONTENT_QUALITY_SCORED_V1: "content.quality-scored.v1",
  CONTENT_ARCHIVED_V1: "content.archived.v1",
  PAYMENT_SUBSCRIPTION_ACTIVATED_V1: "payment.subscription-activated.v1",
  PAYMENT_SUBSCRIPTION_CANCELLED_V1: "payment.subscription-cancelled.v1",
  PAYMENT_FAILED_V1: "payment.failed.v1",
  SYSTEM_MAINTENANCE_STARTED_V1: "system.maintenance-started.v1",
  SYSTEM_ALERT_TRIGGERED_V1: "system.alert-triggered.v1",
} as const;
export type EventType = (typeof EventType)[keyof typeof EventType];

/** The topic that carries the events of a type. */
export const TOPIC_OF = {
  "user.registered.v1": Topic.USER_EVENTS,
  "user.updated.v1": Topic.USER_EVENTS,
  "user.role-changed.v1": Topic.USER_EVENTS,
  "user.deleted.v1": Topic.USER_EVENTS,
  "session.started.v1": Topic.SESSION_EVENTS,
  "session.completed.v1": Topic.SESSION_EVENTS,
  "session.failed.v1": Topic.SESSION_EVENTS,
  "agent.started.v1": Topic.AGENT_EVENTS,
  "agent.completed.v1": Topic.AGENT_EVENTS,
  "agent.failed.v1": Topic.AGENT_EVENTS,
  "content.generated.v1": Topic.CONTENT_EVENTS,
  "content.updated.v1": Topic.CONTENT_EVENTS,
  "content.quality-scored.v1": Topic.CONTENT_EVENTS,
  "content.archived.v1": Topic.CONTENT_EVENTS,
  "payment.subscription-activated.v1": Topic.PAYMENT_EVENTS,
  "payment.subscription-cancelled.v1": Topic.PAYMENT_EVENTS,
  "payment.failed.v1": Topic.PAYMENT_EVENTS,
  "system.maintenance-started.v1": Topic.SYSTEM_EVENTS,
  "system.alert-triggered.v1": Topic.SYSTEM_EVENTS,
} as const satisfies Record<EventType, Topic>;
