// Generated from sql/ and tools/types/dtos.ts by `npm run types`. Edit that, not this file.
package learning.platform.schema.dto

import com.fasterxml.jackson.annotation.JsonFormat
import com.fasterxml.jackson.annotation.JsonInclude
import java.math.BigDecimal
import java.time.Instant
import java.util.UUID
import learning.platform.schema.agentorchestrator.AgentExecution
import learning.platform.schema.agentorchestrator.AgentExecutionStatus
import learning.platform.schema.agentorchestrator.AgentType
import tools.jackson.databind.JsonNode

/**
 * One run of one agent in a session.
 * What is null in the table is absent here.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
data class AgentExecutionDto(
    val id: UUID,
    val sessionId: UUID,
    /** The agent that runs; stage_number holds its stage. */
    val agentType: AgentType,
    /** Stage of the session, 1 to 8. */
    val stageNumber: Int,
    /**
     * PENDING until a worker takes it, then RUNNING. COMPLETED, FAILED and CANCELLED are final: a
     * retry is a new row.
     */
    val status: AgentExecutionStatus,
    /** Input of the agent; null when it needs none. */
    val inputData: JsonNode? = null,
    /** Output of the agent; null until COMPLETED. */
    val outputData: JsonNode? = null,
    /** Why the execution failed; null unless FAILED. */
    val errorMessage: String? = null,
    /** Provider of the model; null for an execution without a model. */
    val llmProvider: String? = null,
    /** The provider's name of the model; null for an execution without a model. */
    val llmModel: String? = null,
    /** Tokens of the prompt and the answer together. */
    val tokensUsed: Int? = null,
    /** US dollars, with six decimals. */
    @param:JsonFormat(shape = JsonFormat.Shape.STRING)
    val costUsd: BigDecimal? = null,
    /** When a worker took it; null until then. */
    val startedAt: Instant? = null,
    /** When it ended, whatever its status; null until then. */
    val completedAt: Instant? = null,
    val createdAt: Instant,
    /** Minutes from startedAt to completedAt, rounded; absent until it ended. */
    val durationMinutes: Int? = null,
)

/** Makes a AgentExecutionDto from a row of agent_executions. */
fun AgentExecution.toDto(): AgentExecutionDto = AgentExecutionDto(
    id = id,
    sessionId = sessionId,
    agentType = agentType,
    stageNumber = stageNumber,
    status = status,
    inputData = inputData,
    outputData = outputData,
    errorMessage = errorMessage,
    llmProvider = llmProvider,
    llmModel = llmModel,
    tokensUsed = tokensUsed,
    costUsd = costUsd,
    startedAt = startedAt,
    completedAt = completedAt,
    createdAt = createdAt,
    durationMinutes = minutesBetween(startedAt, completedAt),
)
