// Generated from sql/agent_orchestrator_db by `npm run types`. Edit that, not this file.
package learning.platform.schema.agentorchestrator

import com.fasterxml.jackson.annotation.JsonFormat
import com.fasterxml.jackson.annotation.JsonProperty
import com.fasterxml.jackson.annotation.JsonSetter
import com.fasterxml.jackson.annotation.Nulls
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
import org.hibernate.annotations.JdbcTypeCode
import org.hibernate.type.SqlTypes
import tools.jackson.databind.JsonNode

/**
 * One run of one agent in a session. A retry is a new row of the same stage.
 * A row of agent_executions.
 */
@Entity
@Table(name = "agent_executions")
data class AgentExecution(
    @Id
    @Column(name = "id", nullable = false, updatable = false)
    @param:JsonProperty("id")
    val id: UUID = UUID.randomUUID(),

    @Column(name = "session_id", nullable = false)
    @param:JsonProperty("session_id")
    var sessionId: UUID,

    /** The agent that runs; stage_number holds its stage. */
    @Column(name = "agent_type", nullable = false)
    @Enumerated(EnumType.STRING)
    @param:JsonProperty("agent_type")
    var agentType: AgentType,

    /** Stage of the session, 1 to 8. */
    @Column(name = "stage_number", nullable = false)
    @param:JsonProperty("stage_number")
    var stageNumber: Int,

    /**
     * PENDING until a worker takes it, then RUNNING. COMPLETED, FAILED and CANCELLED are final: a
     * retry is a new row.
     */
    @Column(name = "status", nullable = false)
    @Enumerated(EnumType.STRING)
    @param:JsonProperty("status")
    var status: AgentExecutionStatus = AgentExecutionStatus.PENDING,

    /** Input of the agent; null when it needs none. */
    @Column(name = "input_data")
    @JdbcTypeCode(SqlTypes.JSON)
    @param:JsonSetter(nulls = Nulls.SKIP)
    @param:JsonProperty("input_data")
    var inputData: JsonNode? = null,

    /** Output of the agent; null until COMPLETED. */
    @Column(name = "output_data")
    @JdbcTypeCode(SqlTypes.JSON)
    @param:JsonSetter(nulls = Nulls.SKIP)
    @param:JsonProperty("output_data")
    var outputData: JsonNode? = null,

    /** Why the execution failed; null unless FAILED. */
    @Column(name = "error_message")
    @param:JsonProperty("error_message")
    var errorMessage: String? = null,

    /** Provider of the model; null for an execution without a model. */
    @Column(name = "llm_provider")
    @param:JsonProperty("llm_provider")
    var llmProvider: String? = null,

    /** The provider's name of the model; null for an execution without a model. */
    @Column(name = "llm_model")
    @param:JsonProperty("llm_model")
    var llmModel: String? = null,

    /** Tokens of the prompt and the answer together. */
    @Column(name = "tokens_used")
    @param:JsonProperty("tokens_used")
    var tokensUsed: Int? = null,

    /** US dollars, with six decimals. */
    @Column(name = "cost_usd", precision = 12, scale = 6)
    @param:JsonFormat(shape = JsonFormat.Shape.STRING)
    @param:JsonProperty("cost_usd")
    var costUsd: BigDecimal? = null,

    /** When a worker took it; null until then. */
    @Column(name = "started_at")
    @param:JsonProperty("started_at")
    var startedAt: Instant? = null,

    /** When it ended, whatever its status; null until then. */
    @Column(name = "completed_at")
    @param:JsonProperty("completed_at")
    var completedAt: Instant? = null,

    @Column(name = "created_at", nullable = false)
    @param:JsonProperty("created_at")
    var createdAt: Instant = now(),
) {
    /** Names the row only, so that no log shows what it holds. */
    override fun toString() = "AgentExecution($id)"
}
