// Generated from sql/payment_service_db by `npm run types`. Edit that, not this file.
package learning.platform.schema.paymentservice

/** Values of payment_methods.provider, payment_transactions.provider, payment_webhooks.provider. */
enum class Provider {
    STRIPE,
    PAYPAL,
    APPLE_PAY,
    GOOGLE_PAY,
}
