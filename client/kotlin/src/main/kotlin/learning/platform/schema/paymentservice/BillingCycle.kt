// Generated from sql/payment_service_db by `npm run types`. Edit that, not this file.
package learning.platform.schema.paymentservice

/** Values of subscriptions.billing_cycle. */
enum class BillingCycle {
    MONTHLY,
    YEARLY,
    LIFETIME,
}
