// Generated from sql/agent_orchestrator_db by `npm run types`. Edit that, not this file.
package learning.platform.schema.agentorchestrator

import com.fasterxml.jackson.annotation.JsonProperty
import jakarta.persistence.Column
import jakarta.persistence.Entity
import jakarta.persistence.EnumType
import jakarta.persistence.Enumerated
import jakarta.persistence.Id
import jakarta.persistence.Table
import java.time.Instant
import java.util.UUID
import learning.platform.schema.jsonOf
import learning.platform.schema.now
import org.hibernate.annotations.Generated
import org.hibernate.annotations.JdbcTypeCode
import org.hibernate.generator.EventType
import org.hibernate.type.SqlTypes
import tools.jackson.databind.JsonNode

/**
 * A user's settings for a type of agent, with their history. At most one is active.
 * A row of agent_configurations.
 */
@Entity
@Table(name = "agent_configurations")
data class AgentConfiguration(
    @Id
    @Column(name = "id", nullable = false, updatable = false)
    @param:JsonProperty("id")
    val id: UUID = UUID.randomUUID(),

    /** Account in user-service. Foreign keys do not reach across databases. */
    @Column(name = "user_id", nullable = false)
    @param:JsonProperty("user_id")
    var userId: UUID,

    /** Type of agent that uses the settings. */
    @Column(name = "agent_type", nullable = false)
    @Enumerated(EnumType.STRING)
    @param:JsonProperty("agent_type")
    var agentType: AgentType,

    /** The settings, in the agent's own format; {} keeps all defaults. */
    @Column(name = "configuration", nullable = false)
    @JdbcTypeCode(SqlTypes.JSON)
    @param:JsonProperty("configuration")
    var configuration: JsonNode = jsonOf("{}"),

    /** Counts up from 1 for each user and agent type. */
    @Column(name = "version", nullable = false)
    @param:JsonProperty("version")
    var version: Int = 1,

    /** True for at most one row per user and agent type. */
    @Column(name = "is_active", nullable = false)
    @param:JsonProperty("is_active")
    var isActive: Boolean = true,

    @Column(name = "created_at", nullable = false)
    @param:JsonProperty("created_at")
    var createdAt: Instant = now(),

    @Column(name = "updated_at", nullable = false, insertable = false, updatable = false)
    @Generated(event = [EventType.INSERT, EventType.UPDATE])
    @param:JsonProperty("updated_at")
    val updatedAt: Instant = now(),
) {
    /** Names the row only, so that no log shows what it holds. */
    override fun toString() = "AgentConfiguration($id)"
}
