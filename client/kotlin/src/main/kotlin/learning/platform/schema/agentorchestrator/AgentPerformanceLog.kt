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
 * Measurements of single operations in an execution.
 * A row of agent_performance_logs.
 */
@Entity
@Table(name = "agent_performance_logs")
data class AgentPerformanceLog(
    @Id
    @Column(name = "id", nullable = false, updatable = false)
    @param:JsonProperty("id")
    val id: UUID = UUID.randomUUID(),

    @Column(name = "execution_id", nullable = false)
    @param:JsonProperty("execution_id")
    var executionId: UUID,

    /** Name of the operation; never blank. */
    @Column(name = "operation", nullable = false)
    @param:JsonProperty("operation")
    var operation: String,

    /** Milliseconds. */
    @Column(name = "duration_ms", nullable = false)
    @param:JsonFormat(shape = JsonFormat.Shape.STRING)
    @param:JsonProperty("duration_ms")
    var durationMs: Long,

    /** Peak memory of the operation in mebibytes. */
    @Column(name = "memory_used_mb", precision = 12, scale = 2)
    @param:JsonFormat(shape = JsonFormat.Shape.STRING)
    @param:JsonProperty("memory_used_mb")
    var memoryUsedMb: BigDecimal? = null,

    /** Percent of one core; above 100 when several cores were busy. */
    @Column(name = "cpu_usage_percent", precision = 7, scale = 2)
    @param:JsonFormat(shape = JsonFormat.Shape.STRING)
    @param:JsonProperty("cpu_usage_percent")
    var cpuUsagePercent: BigDecimal? = null,

    @Column(name = "recorded_at", nullable = false)
    @param:JsonProperty("recorded_at")
    var recordedAt: Instant = now(),
) {
    /** Names the row only, so that no log shows what it holds. */
    override fun toString() = "AgentPerformanceLog($id)"
}
