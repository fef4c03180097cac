// Generated from sql/ and tools/types/dtos.ts by `npm run types`. Edit that, not this file.
package learning.platform.schema.dto

import com.fasterxml.jackson.annotation.JsonFormat
import com.fasterxml.jackson.annotation.JsonInclude
import java.math.BigDecimal
import java.time.Instant
import java.util.UUID
import learning.platform.schema.agentorchestrator.AgentExecution
import learning.platform.schema.agentorchestrator.LearningSession
import learning.platform.schema.agentorchestrator.LearningSessionStatus

/**
 * A learning session with its progress.
 * What is null in the table is absent here.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
data class LearningSessionDto(
    val id: UUID,
    /** Account in user-service. Foreign keys do not reach across databases. */
    val userId: UUID,
    /** What the user wants to learn; never blank. */
    val topic: String,
    /** Maintained by update_session_progress. A service sets it only to cancel a session. */
    val status: LearningSessionStatus,
    /** Minutes. */
    val estimatedDurationMinutes: Int? = null,
    /** Minutes from created_at to completed_at, rounded; null unless COMPLETED. */
    val actualDurationMinutes: Int? = null,
    /** From 0 (worst) to 1 (best). */
    @param:JsonFormat(shape = JsonFormat.Shape.STRING)
    val qualityScore: BigDecimal? = null,
    /** US dollars, with six decimals: one call of a model may cost less than a cent. */
    @param:JsonFormat(shape = JsonFormat.Shape.STRING)
    val costUsd: BigDecimal? = null,
    val createdAt: Instant,
    /** When the last stage completed; null unless COMPLETED. */
    val completedAt: Instant? = null,
    /** In the order in which they were read. */
    val agentExecutions: List<AgentExecutionDto>,
    /** Share of the eight stages that are completed, as a whole number from 0 to 100. */
    val progressPercentage: Int,
    /** The first stage that is not completed, 1 to 8; 8 when all are. */
    val currentStage: Int,
)

/** Makes a LearningSessionDto from a row of learning_sessions, with its rows of agent_executions. */
fun LearningSession.toDto(executions: List<AgentExecution>): LearningSessionDto = LearningSessionDto(
    id = id,
    userId = userId,
    topic = topic,
    status = status,
    estimatedDurationMinutes = estimatedDurationMinutes,
    actualDurationMinutes = actualDurationMinutes,
    qualityScore = qualityScore,
    costUsd = costUsd,
    createdAt = createdAt,
    completedAt = completedAt,
    agentExecutions = executions.map { it.toDto() },
    progressPercentage = progressPercentage(completedStages(executions)),
    currentStage = currentStage(completedStages(executions)),
)
