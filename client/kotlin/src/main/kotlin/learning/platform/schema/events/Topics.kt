// Generated from catalog/topics.ts by `npm run types`. Edit that, not this file.
package learning.platform.schema.events

/** Names of the topics. A stack on shared servers begins them with its prefix. */
object Topics {
    const val USER_EVENTS = "user-events"
    const val SESSION_EVENTS = "session-events"
    const val AGENT_EVENTS = "agent-events"
    const val CONTENT_EVENTS = "content-events"
    const val PAYMENT_EVENTS = "payment-events"
    const val SYSTEM_EVENTS = "system-events"
    const val ANALYTICS_EVENTS = "analytics-events"
    const val NOTIFICATION_EVENTS = "notification-events"
    const val LEARNING_PLATFORM_EVENTS = "learning-platform-events"
    const val USER_EVENTS_DLQ = "user-events-dlq"
    const val SESSION_EVENTS_DLQ = "session-events-dlq"
    const val AGENT_EVENTS_DLQ = "agent-events-dlq"
    const val CONTENT_EVENTS_DLQ = "content-events-dlq"
    const val PAYMENT_EVENTS_DLQ = "payment-events-dlq"
    const val SYSTEM_EVENTS_DLQ = "system-events-dlq"
}
