// Generated from sql/payment_service_db by `npm run types`. Edit that, not this file.
package learning.platform.schema.paymentservice

import com.fasterxml.jackson.annotation.JsonFormat
import com.fasterxml.jackson.annotation.JsonProperty
import jakarta.persistence.Column
import jakarta.persistence.Entity
import jakarta.persistence.Id
import jakarta.persistence.Table
import java.math.BigDecimal
import java.time.Instant
import java.util.UUID
import learning.platform.schema.now

/**
 * Metered usage within a billing period. Rows are kept forever.
 * A row of usage_records.
 */
@Entity
@Table(name = "usage_records")
data class UsageRecord(
    @Id
    @Column(name = "id", nullable = false, updatable = false)
    @param:JsonProperty("id")
    val id: UUID = UUID.randomUUID(),

    /** Account in user-service. Foreign keys do not reach across databases. */
    @Column(name = "user_id", nullable = false)
    @param:JsonProperty("user_id")
    var userId: UUID,

    /** Null for usage without a subscription. */
    @Column(name = "subscription_id")
    @param:JsonProperty("subscription_id")
    var subscriptionId: UUID? = null,

    /** What was used; never blank. */
    @Column(name = "metric_name", nullable = false)
    @param:JsonProperty("metric_name")
    var metricName: String,

    /** In the unit given by unit; never negative. */
    @Column(name = "quantity", nullable = false, precision = 18, scale = 6)
    @param:JsonFormat(shape = JsonFormat.Shape.STRING)
    @param:JsonProperty("quantity")
    var quantity: BigDecimal,

    /** Unit of quantity, for example "tokens"; never blank. */
    @Column(name = "unit", nullable = false)
    @param:JsonProperty("unit")
    var unit: String,

    @Column(name = "recorded_at", nullable = false)
    @param:JsonProperty("recorded_at")
    var recordedAt: Instant = now(),

    /** First instant of the period; always before billing_period_end. */
    @Column(name = "billing_period_start", nullable = false)
    @param:JsonProperty("billing_period_start")
    var billingPeriodStart: Instant,

    /** First instant after the period. */
    @Column(name = "billing_period_end", nullable = false)
    @param:JsonProperty("billing_period_end")
    var billingPeriodEnd: Instant,
) {
    /** Names the row only, so that no log shows what it holds. */
    override fun toString() = "UsageRecord($id)"
}
