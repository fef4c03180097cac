// Generated from sql/agent_orchestrator_db by `npm run types`. Edit that, not this file.
package learning.platform.schema.agentorchestrator

import com.fasterxml.jackson.annotation.JsonProperty
import jakarta.persistence.Column
import jakarta.persistence.Entity
import jakarta.persistence.Id
import jakarta.persistence.Table
import java.time.Instant
import java.util.UUID
import learning.platform.schema.now
import org.hibernate.annotations.JdbcTypeCode
import org.hibernate.type.SqlTypes
import tools.jackson.databind.JsonNode

/**
 * States from which an interrupted execution can resume. The newest one counts.
 * A row of agent_checkpoints.
 */
@Entity
@Table(name = "agent_checkpoints")
data class AgentCheckpoint(
    @Id
    @Column(name = "id", nullable = false, updatable = false)
    @param:JsonProperty("id")
    val id: UUID = UUID.randomUUID(),

    @Column(name = "execution_id", nullable = false)
    @param:JsonProperty("execution_id")
    var executionId: UUID,

    /** The agent's own state, in a format that only the agent reads. */
    @Column(name = "checkpoint_data", nullable = false)
    @JdbcTypeCode(SqlTypes.JSON)
    @param:JsonProperty("checkpoint_data")
    var checkpointData: JsonNode,

    @Column(name = "created_at", nullable = false)
    @param:JsonProperty("created_at")
    var createdAt: Instant = now(),
) {
    /** Names the row only, so that no log shows what it holds. */
    override fun toString() = "AgentCheckpoint($id)"
}
