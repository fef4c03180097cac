// Generated from sql/payment_service_db by `npm run types`. Edit that, not this file.
package learning.platform.schema.paymentservice

import com.fasterxml.jackson.annotation.JsonFormat
import com.fasterxml.jackson.annotation.JsonProperty
import jakarta.persistence.Column
import jakarta.persistence.Entity
import jakarta.persistence.EnumType
import jakarta.persistence.Enumerated
import jakarta.persistence.Id
import jakarta.persistence.Table
import java.math.BigDecimal
import java.time.Instant
import java.util.UUID
import learning.platform.schema.jsonOf
import learning.platform.schema.now
import org.hibernate.annotations.Generated
import org.hibernate.annotations.JdbcTypeCode
import org.hibernate.generator.EventType
import org.hibernate.type.SqlTypes
import tools.jackson.databind.JsonNode

/**
 * Movements of money, one row per transaction of a provider. Rows are kept forever.
 * A row of payment_transactions.
 */
@Entity
@Table(name = "payment_transactions")
data class PaymentTransaction(
    @Id
    @Column(name = "id", nullable = false, updatable = false)
    @param:JsonProperty("id")
    val id: UUID = UUID.randomUUID(),

    /** Account in user-service. Foreign keys do not reach across databases. */
    @Column(name = "user_id", nullable = false)
    @param:JsonProperty("user_id")
    var userId: UUID,

    /** Null for money that belongs to no subscription. */
    @Column(name = "subscription_id")
    @param:JsonProperty("subscription_id")
    var subscriptionId: UUID? = null,

    /** Null if the user has removed the payment method since. */
    @Column(name = "payment_method_id")
    @param:JsonProperty("payment_method_id")
    var paymentMethodId: UUID? = null,

    /** Provider that moved the money. */
    @Column(name = "provider", nullable = false)
    @Enumerated(EnumType.STRING)
    @param:JsonProperty("provider")
    var provider: Provider,

    /**
     * The provider's own id, printable ASCII without a space. Unique per provider, so that a webhook
     * delivered twice counts once.
     */
    @Column(name = "provider_transaction_id", nullable = false)
    @param:JsonProperty("provider_transaction_id")
    var providerTransactionId: String,

    /**
     * PAYMENT comes from the user. REFUND and CHARGEBACK go back to the user: the service issues a
     * refund, the bank a chargeback.
     */
    @Column(name = "type", nullable = false)
    @Enumerated(EnumType.STRING)
    @param:JsonProperty("type")
    var type: PaymentTransactionType,

    /** PENDING until the provider reports the outcome. */
    @Column(name = "status", nullable = false)
    @Enumerated(EnumType.STRING)
    @param:JsonProperty("status")
    var status: PaymentTransactionStatus = PaymentTransactionStatus.PENDING,

    /**
     * US dollars; the type determines the direction. Negative only for an adjustment in the user's
     * favor.
     */
    @Column(name = "amount_usd", nullable = false, precision = 12, scale = 2)
    @param:JsonFormat(shape = JsonFormat.Shape.STRING)
    @param:JsonProperty("amount_usd")
    var amountUsd: BigDecimal,

    /** ISO 4217 code of the currency charged. */
    @Column(name = "currency", nullable = false)
    @Enumerated(EnumType.STRING)
    @param:JsonProperty("currency")
    var currency: Currency = Currency.USD,

    /**
     * Details from the provider that have no column, and two keys of our own: "renewal": false marks a
     * PAYMENT that changes no subscription (an add-on, a proration); "refund_of" of a REFUND or
     * CHARGEBACK is the provider_transaction_id of the refunded payment of the same provider.
     */
    @Column(name = "metadata", nullable = false)
    @JdbcTypeCode(SqlTypes.JSON)
    @param:JsonProperty("metadata")
    var metadata: JsonNode = jsonOf("{}"),

    /** The provider's reason; null unless FAILED. */
    @Column(name = "failure_reason")
    @param:JsonProperty("failure_reason")
    var failureReason: String? = null,

    /** When the provider reported the outcome; null until then. */
    @Column(name = "processed_at")
    @param:JsonProperty("processed_at")
    var processedAt: Instant? = null,

    @Column(name = "created_at", nullable = false)
    @param:JsonProperty("created_at")
    var createdAt: Instant = now(),

    @Column(name = "updated_at", nullable = false, insertable = false, updatable = false)
    @Generated(event = [EventType.INSERT, EventType.UPDATE])
    @param:JsonProperty("updated_at")
    val updatedAt: Instant = now(),
) {
    /** Names the row only, so that no log shows what it holds. */
    override fun toString() = "PaymentTransaction($id)"
}
