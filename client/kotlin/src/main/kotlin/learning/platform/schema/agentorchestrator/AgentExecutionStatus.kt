// Generated from sql/agent_orchestrator_db by `npm run types`. Edit that, not this file.
package learning.platform.schema.agentorchestrator

/** Values of agent_executions.status. */
enum class AgentExecutionStatus {
    PENDING,
    RUNNING,
    COMPLETED,
    FAILED,
    CANCELLED,
}
