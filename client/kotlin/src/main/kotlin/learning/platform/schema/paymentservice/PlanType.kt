// Generated from sql/payment_service_db by `npm run types`. Edit that, not this file.
package learning.platform.schema.paymentservice

/** Values of subscriptions.plan_type. */
enum class PlanType {
    FREE,
    PRO,
    ENTERPRISE,
    CUSTOM,
}
