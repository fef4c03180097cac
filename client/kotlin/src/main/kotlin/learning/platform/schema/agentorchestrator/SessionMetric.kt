// Generated from sql/agent_orchestrator_db by `npm run types`. Edit that, not this file.
package learning.platform.schema.agentorchestrator

import com.fasterxml.jackson.annotation.JsonFormat
import com.fasterxml.jackson.annotation.JsonProperty
import jakarta.persistence.Column
import jakarta.persistence.Entity
import jakarta.persistence.Id
import jakarta.persistence.Table
import java.math.BigDecimal
import java.time.Instant
import java.util.UUID
import learning.platform.schema.now

/**
 * Measurements of a whole session.
 * A row of session_metrics.
 */
@Entity
@Table(name = "session_metrics")
data class SessionMetric(
    @Id
    @Column(name = "id", nullable = false, updatable = false)
    @param:JsonProperty("id")
    val id: UUID = UUID.randomUUID(),

    @Column(name = "session_id", nullable = false)
    @param:JsonProperty("session_id")
    var sessionId: UUID,

    /** Never blank. */
    @Column(name = "metric_name", nullable = false)
    @param:JsonProperty("metric_name")
    var metricName: String,

    /** In the unit given by metric_unit. */
    @Column(name = "metric_value", nullable = false, precision = 18, scale = 6)
    @param:JsonFormat(shape = JsonFormat.Shape.STRING)
    @param:JsonProperty("metric_value")
    var metricValue: BigDecimal,

    /** Unit of metric_value, for example "ms" or "tokens"; null for a plain number. */
    @Column(name = "metric_unit")
    @param:JsonProperty("metric_unit")
    var metricUnit: String? = null,

    @Column(name = "recorded_at", nullable = false)
    @param:JsonProperty("recorded_at")
    var recordedAt: Instant = now(),
) {
    /** Names the row only, so that no log shows what it holds. */
    override fun toString() = "SessionMetric($id)"
}
