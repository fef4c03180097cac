// Generated from sql/content_service_db by `npm run types`. Edit that, not this file.
package learning.platform.schema.contentservice

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
import learning.platform.schema.now

/**
 * Daily values of contents. calculate_average_rating maintains average_rating and rating_count;
 * the service writes the others.
 * A row of content_analytics.
 */
@Entity
@Table(name = "content_analytics")
data class ContentAnalytics(
    @Id
    @Column(name = "id", nullable = false, updatable = false)
    @param:JsonProperty("id")
    val id: UUID = UUID.randomUUID(),

    @Column(name = "content_id", nullable = false)
    @param:JsonProperty("content_id")
    var contentId: UUID,

    /** Never blank. */
    @Column(name = "metric_name", nullable = false)
    @param:JsonProperty("metric_name")
    var metricName: String,

    /** Never negative; metric_name determines its unit. */
    @Column(name = "metric_value", nullable = false, precision = 18, scale = 4)
    @param:JsonFormat(shape = JsonFormat.Shape.STRING)
    @param:JsonProperty("metric_value")
    var metricValue: BigDecimal,

    /**
     * Day in UTC. On a day without a row, a rating metric has its last earlier value. If that
     * rating_count is 0, there is no average.
     */
    @Column(name = "metric_date", nullable = false)
    @param:JsonProperty("metric_date")
    var metricDate: LocalDate,

    @Column(name = "created_at", nullable = false)
    @param:JsonProperty("created_at")
    var createdAt: Instant = now(),
) {
    /** Names the row only, so that no log shows what it holds. */
    override fun toString() = "ContentAnalytics($id)"
}
