// Generated from sql/agent_orchestrator_db by `npm run types`. Edit that, not this file.
package learning.platform.schema.agentorchestrator

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
import java.util.UUID
import learning.platform.schema.now

/**
 * A user's request to learn a topic. Agents carry it out in eight stages.
 * A row of learning_sessions.
 */
@Entity
@Table(name = "learning_sessions")
data class LearningSession(
    @Id
    @Column(name = "id", nullable = false, updatable = false)
    @param:JsonProperty("id")
    val id: UUID = UUID.randomUUID(),

    /** Account in user-service. Foreign keys do not reach across databases. */
    @Column(name = "user_id", nullable = false)
    @param:JsonProperty("user_id")
    var userId: UUID,

    /** What the user wants to learn; never blank. */
    @Column(name = "topic", nullable = false)
    @param:JsonProperty("topic")
    var topic: String,

    /** Maintained by update_session_progress. A service sets it only to cancel a session. */
    @Column(name = "status", nullable = false)
    @Enumerated(EnumType.STRING)
    @param:JsonProperty("status")
    var status: LearningSessionStatus = LearningSessionStatus.PENDING,

    /** Minutes. */
    @Column(name = "estimated_duration_minutes")
    @param:JsonProperty("estimated_duration_minutes")
    var estimatedDurationMinutes: Int? = null,

    /** Minutes from created_at to completed_at, rounded; null unless COMPLETED. */
    @Column(name = "actual_duration_minutes")
    @param:JsonProperty("actual_duration_minutes")
    var actualDurationMinutes: Int? = null,

    /** From 0 (worst) to 1 (best). */
    @Column(name = "quality_score", precision = 5, scale = 4)
    @param:JsonFormat(shape = JsonFormat.Shape.STRING)
    @param:JsonProperty("quality_score")
    var qualityScore: BigDecimal? = null,

    /** US dollars, with six decimals: one call of a model may cost less than a cent. */
    @Column(name = "cost_usd", precision = 12, scale = 6)
    @param:JsonFormat(shape = JsonFormat.Shape.STRING)
    @param:JsonProperty("cost_usd")
    var costUsd: BigDecimal? = null,

    @Column(name = "created_at", nullable = false)
    @param:JsonProperty("created_at")
    var createdAt: Instant = now(),

    /** When the last stage completed; null unless COMPLETED. */
    @Column(name = "completed_at")
    @param:JsonProperty("completed_at")
    var completedAt: Instant? = null,
) {
    /** Names the row only, so that no log shows what it holds. */
    override fun toString() = "LearningSession($id)"
}
