// Generated from catalog/topics.ts by `npm run types`. Edit that, not this file.
package learning.platform.schema.events

import com.fasterxml.jackson.annotation.JsonValue

/** Types of the events, with their versions, and the topic that carries them. */
enum class EventType(@get:JsonValue val type: String, val topic: String) {
    USER_REGISTERED_V1("user.registered.v1", Topics.USER_EVENTS),
    USER_UPDATED_V1("user.updated.v1", Topics.USER_EVENTS),
    USER_ROLE_CHANGED_V1("user.role-changed.v1", Topics.USER_EVENTS),
    USER_DELETED_V1("user.deleted.v1", Topics.USER_EVENTS),
    SESSION_STARTED_V1("session.started.v1", Topics.SESSION_EVENTS),
    SESSION_COMPLETED_V1("session.completed.v1", Topics.SESSION_EVENTS),
    SESSION_FAILED_V1("session.failed.v1", Topics.SESSION_EVENTS),
    AGENT_STARTED_V1("agent.started.v1", Topics.AGENT_EVENTS),
    AGENT_COMPLETED_V1("agent.completed.v1", Topics.AGENT_EVENTS),
    AGENT_FAILED_V1("agent.failed.v1", Topics.AGENT_EVENTS),
    CONTENT_GENERATED_V1("content.generated.v1", Topics.CONTENT_EVENTS),
    CONTENT_UPDATED_V1("content.updated.v1", Topics.CONTENT_EVENTS),
    CONTENT_QUALITY_SCORED_V1("content.quality-scored.v1", Topics.CONTENT_EVENTS),
    CONTENT_ARCHIVED_V1("content.archived.v1", Topics.CONTENT_EVENTS),
    PAYMENT_SUBSCRIPTION_ACTIVATED_V1("payment.subscription-activated.v1", Topics.PAYMENT_EVENTS),
    PAYMENT_SUBSCRIPTION_CANCELLED_V1("payment.subscription-cancelled.v1", Topics.PAYMENT_EVENTS),
    PAYMENT_FAILED_V1("payment.failed.v1", Topics.PAYMENT_EVENTS),
    SYSTEM_MAINTENANCE_STARTED_V1("system.maintenance-started.v1", Topics.SYSTEM_EVENTS),
    SYSTEM_ALERT_TRIGGERED_V1("system.alert-triggered.v1", Topics.SYSTEM_EVENTS),
}
