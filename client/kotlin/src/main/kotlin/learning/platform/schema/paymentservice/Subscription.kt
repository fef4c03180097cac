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
 * Current and earlier plans of users. At most one per user is ACTIVE or TRIALING.
 * A row of subscriptions.
 */
@Entity
@Table(name = "subscriptions")
data class Subscription(
    @Id
    @Column(name = "id", nullable = false, updatable = false)
    @param:JsonProperty("id")
    val id: UUID = UUID.randomUUID(),

    /** Account in user-service. Foreign keys do not reach across databases. */
    @Column(name = "user_id", nullable = false)
    @param:JsonProperty("user_id")
    var userId: UUID,

    /** The plan; features and limits hold what it includes. */
    @Column(name = "plan_type", nullable = false)
    @Enumerated(EnumType.STRING)
    @param:JsonProperty("plan_type")
    var planType: PlanType,

    /** Payments change it through update_subscription_status; CANCELED is final. */
    @Column(name = "status", nullable = false)
    @Enumerated(EnumType.STRING)
    @param:JsonProperty("status")
    var status: SubscriptionStatus = SubscriptionStatus.ACTIVE,

    /** How often the price is due; LIFETIME is paid once. */
    @Column(name = "billing_cycle", nullable = false)
    @Enumerated(EnumType.STRING)
    @param:JsonProperty("billing_cycle")
    var billingCycle: BillingCycle = BillingCycle.MONTHLY,

    /** US dollars per billing cycle, before tax. */
    @Column(name = "price_usd", nullable = false, precision = 12, scale = 2)
    @param:JsonFormat(shape = JsonFormat.Shape.STRING)
    @param:JsonProperty("price_usd")
    var priceUsd: BigDecimal = BigDecimal("0.00"),

    /**
     * ISO 4217 code of the currency in which the user is charged. Amounts in this table are in US
     * dollars regardless.
     */
    @Column(name = "currency", nullable = false)
    @Enumerated(EnumType.STRING)
    @param:JsonProperty("currency")
    var currency: Currency = Currency.USD,

    /** Features of this subscription, by name. */
    @Column(name = "features", nullable = false)
    @JdbcTypeCode(SqlTypes.JSON)
    @param:JsonProperty("features")
    var features: JsonNode = jsonOf("{}"),

    /** Quotas of this subscription, by name. */
    @Column(name = "limits", nullable = false)
    @JdbcTypeCode(SqlTypes.JSON)
    @param:JsonProperty("limits")
    var limits: JsonNode = jsonOf("{}"),

    /** Null for a subscription without a trial. */
    @Column(name = "trial_ends_at")
    @param:JsonProperty("trial_ends_at")
    var trialEndsAt: Instant? = null,

    /** Null until the first period begins. */
    @Column(name = "current_period_start")
    @param:JsonProperty("current_period_start")
    var currentPeriodStart: Instant? = null,

    /**
     * First instant after the period; null until the first period begins, and for LIFETIME. If a short
     * month shortened a period, the next one ends on the intended day again: 31 January, 28 February,
     * 31 March (UTC).
     */
    @Column(name = "current_period_end")
    @param:JsonProperty("current_period_end")
    var currentPeriodEnd: Instant? = null,

    /** The user has canceled, and the service ends the subscription when the period ends. */
    @Column(name = "cancel_at_period_end", nullable = false)
    @param:JsonProperty("cancel_at_period_end")
    var cancelAtPeriodEnd: Boolean = false,

    /** When the user canceled; null if not canceled. */
    @Column(name = "canceled_at")
    @param:JsonProperty("canceled_at")
    var canceledAt: Instant? = null,

    @Column(name = "created_at", nullable = false)
    @param:JsonProperty("created_at")
    var createdAt: Instant = now(),

    @Column(name = "updated_at", nullable = false, insertable = false, updatable = false)
    @Generated(event = [EventType.INSERT, EventType.UPDATE])
    @param:JsonProperty("updated_at")
    val updatedAt: Instant = now(),
) {
    /** Names the row only, so that no log shows what it holds. */
    override fun toString() = "Subscription($id)"
}
