// Generated from sql/payment_service_db by `npm run types`. Edit that, not this file.
package learning.platform.schema.paymentservice

import com.fasterxml.jackson.annotation.JsonProperty
import jakarta.persistence.Column
import jakarta.persistence.Entity
import jakarta.persistence.Id
import jakarta.persistence.Table
import java.time.Instant
import java.util.UUID
import learning.platform.schema.now
import org.hibernate.annotations.Generated
import org.hibernate.generator.EventType

/**
 * The address on a user's invoices, one per user. Street, city and country are never blank.
 * A row of billing_addresses.
 */
@Entity
@Table(name = "billing_addresses")
data class BillingAddress(
    @Id
    @Column(name = "id", nullable = false, updatable = false)
    @param:JsonProperty("id")
    val id: UUID = UUID.randomUUID(),

    /** Account in user-service. Foreign keys do not reach across databases. */
    @Column(name = "user_id", nullable = false)
    @param:JsonProperty("user_id")
    var userId: UUID,

    /** Street and number, or a post-office box; never blank. */
    @Column(name = "line1", nullable = false)
    @param:JsonProperty("line1")
    var line1: String,

    /** Null if there is none. */
    @Column(name = "line2")
    @param:JsonProperty("line2")
    var line2: String? = null,

    /** Never blank. */
    @Column(name = "city", nullable = false)
    @param:JsonProperty("city")
    var city: String,

    /** State or province; null if the country has none. */
    @Column(name = "state")
    @param:JsonProperty("state")
    var state: String? = null,

    /** Null if the country has none. */
    @Column(name = "postal_code")
    @param:JsonProperty("postal_code")
    var postalCode: String? = null,

    /** ISO 3166-1 alpha-2 code. */
    @Column(name = "country", nullable = false)
    @param:JsonProperty("country")
    var country: String,

    @Column(name = "updated_at", nullable = false, insertable = false, updatable = false)
    @Generated(event = [EventType.INSERT, EventType.UPDATE])
    @param:JsonProperty("updated_at")
    val updatedAt: Instant = now(),
) {
    /** Names the row only, so that no log shows what it holds. */
    override fun toString() = "BillingAddress($id)"
}
