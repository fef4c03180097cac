// Generated from sql/payment_service_db by `npm run types`. Edit that, not this file.
package learning.platform.schema.paymentservice

import com.fasterxml.jackson.annotation.JsonFormat
import com.fasterxml.jackson.annotation.JsonProperty
import jakarta.persistence.Column
import jakarta.persistence.Entity
import jakarta.persistence.Id
import jakarta.persistence.Table
import java.math.BigDecimal
import java.time.Instant
import java.time.LocalDate
import java.util.UUID
import learning.platform.schema.jsonOf
import learning.platform.schema.now
import org.hibernate.annotations.JdbcTypeCode
import org.hibernate.type.SqlTypes
import tools.jackson.databind.JsonNode

/**
 * Daily business figures.
 * A row of payment_analytics.
 */
@Entity
@Table(name = "payment_analytics")
data class PaymentAnalytics(
    @Id
    @Column(name = "id", nullable = false, updatable = false)
    @param:JsonProperty("id")
    val id: UUID = UUID.randomUUID(),

    /** Name of the figure; never blank. */
    @Column(name = "metric_name", nullable = false)
    @param:JsonProperty("metric_name")
    var metricName: String,

    /** metric_name determines its unit; may be negative. */
    @Column(name = "metric_value", nullable = false, precision = 18, scale = 4)
    @param:JsonFormat(shape = JsonFormat.Shape.STRING)
    @param:JsonProperty("metric_value")
    var metricValue: BigDecimal,

    /** What the figure is broken down by, for example {"plan": "PRO"}. */
    @Column(name = "dimensions", nullable = false)
    @JdbcTypeCode(SqlTypes.JSON)
    @param:JsonProperty("dimensions")
    var dimensions: JsonNode = jsonOf("{}"),

    /** Day in UTC. */
    @Column(name = "recorded_date", nullable = false)
    @param:JsonProperty("recorded_date")
    var recordedDate: LocalDate,

    @Column(name = "created_at", nullable = false)
    @param:JsonProperty("created_at")
    var createdAt: Instant = now(),
) {
    /** Names the row only, so that no log shows what it holds. */
    override fun toString() = "PaymentAnalytics($id)"
}
