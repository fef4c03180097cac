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
import org.hibernate.annotations.Generated
import org.hibernate.generator.EventType

/**
 * Payment methods that users stored with a provider. At most one per user is the default. Never a
 * card number.
 * A row of payment_methods.
 */
@Entity
@Table(name = "payment_methods")
data class PaymentMethod(
    @Id
    @Column(name = "id", nullable = false, updatable = false)
    @param:JsonProperty("id")
    val id: UUID = UUID.randomUUID(),

    /** Account in user-service. Foreign keys do not reach across databases. */
    @Column(name = "user_id", nullable = false)
    @param:JsonProperty("user_id")
    var userId: UUID,

    /** Provider that stores the card or account. */
    @Column(name = "provider", nullable = false)
    @Enumerated(EnumType.STRING)
    @param:JsonProperty("provider")
    var provider: Provider,

    /** The provider's own id, with which payments are made. Printable ASCII without a space. */
    @Column(name = "provider_payment_method_id", nullable = false)
    @param:JsonProperty("provider_payment_method_id")
    var providerPaymentMethodId: String,

    /** Kind of payment method; only a CARD expires. */
    @Column(name = "type", nullable = false)
    @Enumerated(EnumType.STRING)
    @param:JsonProperty("type")
    var type: PaymentMethodType,

    /** Last four digits of the card or account number, so that the user recognises it. */
    @Column(name = "last_four")
    @param:JsonProperty("last_four")
    var lastFour: String? = null,

    /** Brand of the card, so that the user recognises it; null for other types. */
    @Column(name = "brand")
    @param:JsonProperty("brand")
    var brand: String? = null,

    /** Month, 1 to 12. */
    @Column(name = "exp_month")
    @param:JsonProperty("exp_month")
    var expMonth: Int? = null,

    /** Year with four digits. */
    @Column(name = "exp_year")
    @param:JsonProperty("exp_year")
    var expYear: Int? = null,

    @Column(name = "is_default", nullable = false)
    @param:JsonProperty("is_default")
    var isDefault: Boolean = false,

    @Column(name = "created_at", nullable = false)
    @param:JsonProperty("created_at")
    var createdAt: Instant = now(),

    @Column(name = "updated_at", nullable = false, insertable = false, updatable = false)
    @Generated(event = [EventType.INSERT, EventType.UPDATE])
    @param:JsonProperty("updated_at")
    val updatedAt: Instant = now(),
) {
    /** Names the row only, so that no log shows what it holds. */
    override fun toString() = "PaymentMethod($id)"
}
