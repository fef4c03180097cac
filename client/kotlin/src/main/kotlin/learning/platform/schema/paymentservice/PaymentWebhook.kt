// Generated from sql/payment_service_db by `npm run types`. Edit that, not this file.
package learning.platform.schema.paymentservice

import com.fasterxml.jackson.annotation.JsonProperty
import jakarta.persistence.Column
import jakarta.persistence.Entity
import jakarta.persistence.EnumType
import jakarta.persistence.Enumerated
import jakarta.persistence.Id
import jakarta.persistence.Table
import java.time.Instant
import java.util.UUID
import learning.platform.schema.now
import org.hibernate.annotations.JdbcTypeCode
import org.hibernate.type.SqlTypes
import tools.jackson.databind.JsonNode

/**
 * Events received from providers, each once.
 * A row of payment_webhooks.
 */
@Entity
@Table(name = "payment_webhooks")
data class PaymentWebhook(
    @Id
    @Column(name = "id", nullable = false, updatable = false)
    @param:JsonProperty("id")
    val id: UUID = UUID.randomUUID(),

    /** Provider that sent the event. */
    @Column(name = "provider", nullable = false)
    @Enumerated(EnumType.STRING)
    @param:JsonProperty("provider")
    var provider: Provider,

    /**
     * The provider's name of the event type, for example "charge.succeeded"; printable ASCII without a
     * space.
     */
    @Column(name = "event_type", nullable = false)
    @param:JsonProperty("event_type")
    var eventType: String,

    /** The provider's own id of the event, printable ASCII without a space. */
    @Column(name = "event_id", nullable = false)
    @param:JsonProperty("event_id")
    var eventId: String,

    /** Body of the event as received. */
    @Column(name = "payload", nullable = false)
    @JdbcTypeCode(SqlTypes.JSON)
    @param:JsonProperty("payload")
    var payload: JsonNode,

    /** When the event was processed; null until then. */
    @Column(name = "processed_at")
    @param:JsonProperty("processed_at")
    var processedAt: Instant? = null,

    /** Error of the last failed attempt; null if none failed. */
    @Column(name = "error_message")
    @param:JsonProperty("error_message")
    var errorMessage: String? = null,

    /** Number of failed attempts. */
    @Column(name = "retry_count", nullable = false)
    @param:JsonProperty("retry_count")
    var retryCount: Int = 0,

    @Column(name = "created_at", nullable = false)
    @param:JsonProperty("created_at")
    var createdAt: Instant = now(),
) {
    /** Names the row only, so that no log shows what it holds. */
    override fun toString() = "PaymentWebhook($id)"
}
