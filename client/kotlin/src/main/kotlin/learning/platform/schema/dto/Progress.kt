package learning.platform.schema.dto

import java.time.Instant
import kotlin.math.roundToInt
import learning.platform.schema.agentorchestrator.AgentExecution
import learning.platform.schema.agentorchestrator.AgentExecutionStatus

// What a learning session's DTO derives from its executions. client/src/schema/progress.ts does the same in TypeScript.

private const val STAGES = 8

/** The stages that have a completed execution. */
internal fun completedStages(executions: List<AgentExecution>): Set<Int> =
    executions.filter { it.status == AgentExecutionStatus.COMPLETED }.map { it.stageNumber }.toSet()

/** Share of the completed stages, as a whole number from 0 to 100. */
internal fun progressPercentage(completed: Set<Int>): Int = (completed.size * 100.0 / STAGES).roundToInt()

/** The first stage that is not completed, 1 to 8; 8 when all are. */
internal fun currentStage(completed: Set<Int>): Int = (1..STAGES).firstOrNull { it !in completed } ?: STAGES

/** Whole minutes between two instants, rounded; null if one of them is not known yet. */
internal fun minutesBetween(start: Instant?, end: Instant?): Int? =
    if (start == null || end == null) null
    else ((end.toEpochMilli() - start.toEpochMilli()) / 60_000.0).roundToInt()
