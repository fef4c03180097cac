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
import java.time.LocalDate
import java.util.UUID
import learning.platform.schema.jsonOf
import learning.platform.schema.now
import org.hibernate.annotations.Generated
import org.hibernate.annotations.JdbcTypeCode
import org.hibernate.generator.EventType
import org.hibernate.type.SqlTypes
import tools.jackson.databind.JsonNode

/**
 * Bills to users. An invoice is never deleted: a wrong one is set to VOID, so that no number is
 * missing and none is used twice.
 * A row of invoices.
 */
@Entity
@Table(name = "invoices")
data class Invoice(
    @Id
    @Column(name = "id", nullable = false, updatable = false)
    @param:JsonProperty("id")
    val id: UUID = UUID.randomUUID(),

    /** Account in user-service. Foreign keys do not reach across databases. */
    @Column(name = "user_id", nullable = false)
    @param:JsonProperty("user_id")
    var userId: UUID,

    /** Null for a bill that belongs to no subscription. */
    @Column(name = "subscription_id")
    @param:JsonProperty("subscription_id")
    var subscriptionId: UUID? = null,

    /**
     * INV-<year>-<six digits> from generate_invoice_number, unless the insert has its own number.
     * Never blank, never changed.
     */
    @Column(name = "invoice_number", nullable = false, updatable = false)
    @Generated(event = [EventType.INSERT], writable = true)
    @param:JsonProperty("invoice_number")
    val invoiceNumber: String = "",

    /** DRAFT until sent, then OPEN until PAID. VOID and UNCOLLECTIBLE invoices are no longer due. */
    @Column(name = "status", nullable = false)
    @Enumerated(EnumType.STRING)
    @param:JsonProperty("status")
    var status: InvoiceStatus = InvoiceStatus.DRAFT,

    /** US dollars. */
    @Column(name = "amount_due_usd", nullable = false, precision = 12, scale = 2)
    @param:JsonFormat(shape = JsonFormat.Shape.STRING)
    @param:JsonProperty("amount_due_usd")
    var amountDueUsd: BigDecimal,

    /** US dollars. */
    @Column(name = "amount_paid_usd", nullable = false, precision = 12, scale = 2)
    @param:JsonFormat(shape = JsonFormat.Shape.STRING)
    @param:JsonProperty("amount_paid_usd")
    var amountPaidUsd: BigDecimal = BigDecimal("0.00"),

    /** ISO 4217 code of the invoice's currency. */
    @Column(name = "currency", nullable = false)
    @Enumerated(EnumType.STRING)
    @param:JsonProperty("currency")
    var currency: Currency = Currency.USD,

    /** Array of the charged items, in display order. */
    @Column(name = "line_items", nullable = false)
    @JdbcTypeCode(SqlTypes.JSON)
    @param:JsonProperty("line_items")
    var lineItems: JsonNode = jsonOf("[]"),

    /** Last day to pay, in UTC; null for an invoice without a due date. */
    @Column(name = "due_date")
    @param:JsonProperty("due_date")
    var dueDate: LocalDate? = null,

    /** Null until paid in full. */
    @Column(name = "paid_at")
    @param:JsonProperty("paid_at")
    var paidAt: Instant? = null,

    @Column(name = "created_at", nullable = false)
    @param:JsonProperty("created_at")
    var createdAt: Instant = now(),

    @Column(name = "updated_at", nullable = false, insertable = false, updatable = false)
    @Generated(event = [EventType.INSERT, EventType.UPDATE])
    @param:JsonProperty("updated_at")
    val updatedAt: Instant = now(),
) {
    /** Names the row only, so that no log shows what it holds. */
    override fun toString() = "Invoice($id)"
}
