// Generated from sql/payment_service_db by `npm run types`. Edit that, not this file.
package learning.platform.schema.paymentservice

/** Values of invoices.currency, payment_transactions.currency, subscriptions.currency. */
enum class Currency {
    USD,
    EUR,
    GBP,
    JPY,
}
