// Generated from sql/ and tools/types/dtos.ts by `npm run types`. Edit that, not this file.
package learning.platform.schema.dto

import com.fasterxml.jackson.annotation.JsonFormat
import com.fasterxml.jackson.annotation.JsonInclude
import java.math.BigDecimal
import java.time.Instant
import java.util.UUID
import learning.platform.schema.paymentservice.BillingCycle
import learning.platform.schema.paymentservice.Currency
import learning.platform.schema.paymentservice.PlanType
import learning.platform.schema.paymentservice.Subscription
import learning.platform.schema.paymentservice.SubscriptionStatus
import tools.jackson.databind.JsonNode

/**
 * A user's plan.
 * What is null in the table is absent here.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
data class SubscriptionDto(
    val id: UUID,
    /** Account in user-service. Foreign keys do not reach across databases. */
    val userId: UUID,
    /** The plan; features and limits hold what it includes. */
    val planType: PlanType,
    /** Payments change it through update_subscription_status; CANCELED is final. */
    val status: SubscriptionStatus,
    /** How often the price is due; LIFETIME is paid once. */
    val billingCycle: BillingCycle,
    /** US dollars per billing cycle, before tax. */
    @param:JsonFormat(shape = JsonFormat.Shape.STRING)
    val priceUsd: BigDecimal,
    /**
     * ISO 4217 code of the currency in which the user is charged. Amounts in this table are in US
     * dollars regardless.
     */
    val currency: Currency,
    /** Features of this subscription, by name. */
    val features: JsonNode,
    /** Quotas of this subscription, by name. */
    val limits: JsonNode,
    /** Null for a subscription without a trial. */
    val trialEndsAt: Instant? = null,
    /** Null until the first period begins. */
    val currentPeriodStart: Instant? = null,
    /**
     * First instant after the period; null until the first period begins, and for LIFETIME. If a short
     * month shortened a period, the next one ends on the intended day again: 31 January, 28 February,
     * 31 March (UTC).
     */
    val currentPeriodEnd: Instant? = null,
    /** The user has canceled, and the service ends the subscription when the period ends. */
    val cancelAtPeriodEnd: Boolean,
    /** When the user canceled; null if not canceled. */
    val canceledAt: Instant? = null,
    val createdAt: Instant,
    val updatedAt: Instant,
)

/** Makes a SubscriptionDto from a row of subscriptions. */
fun Subscription.toDto(): SubscriptionDto = SubscriptionDto(
    id = id,
    userId = userId,
    planType = planType,
    status = status,
    billingCycle = billingCycle,
    priceUsd = priceUsd,
    currency = currency,
    features = features,
    limits = limits,
    trialEndsAt = trialEndsAt,
    currentPeriodStart = currentPeriodStart,
    currentPeriodEnd = currentPeriodEnd,
    cancelAtPeriodEnd = cancelAtPeriodEnd,
    canceledAt = canceledAt,
    createdAt = createdAt,
    updatedAt = updatedAt,
)
