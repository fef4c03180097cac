// Generated from sql/payment_service_db by `npm run types`. Edit that, not this file.
package learning.platform.schema.paymentservice

/** Values of payment_methods.type. */
enum class PaymentMethodType {
    CARD,
    BANK_ACCOUNT,
    DIGITAL_WALLET,
}
