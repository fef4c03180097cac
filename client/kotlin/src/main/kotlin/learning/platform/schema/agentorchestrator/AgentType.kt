// Generated from sql/agent_orchestrator_db by `npm run types`. Edit that, not this file.
package learning.platform.schema.agentorchestrator

/** Values of agent_configurations.agent_type, agent_executions.agent_type. */
enum class AgentType {
    RESEARCH,
    VERIFICATION,
    DECOMPOSITION,
    STRUCTURING,
    CONTENT_GENERATION,
    VALIDATION,
    SYNTHESIS,
    LEARNING_EXPERIENCE,
}
