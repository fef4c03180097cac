/** What a learning session's DTO derives from its executions. Progress.kt does the same for the JVM. */
import type { AgentExecutionRow } from "./agent_orchestrator_db";
import type { Timestamp } from "./column-types";

const STAGES = 8;

/** The stages that have a completed execution. */
export function completedStages(executions: readonly AgentExecutionRow[]): ReadonlySet<number> {
  return new Set(
    executions.filter(({ status }) => status === "COMPLETED").map((row) => row.stage_number),
  );
}

/** Share of the completed stages, as a whole number from 0 to 100. */
export const progressPercentage = (completed: ReadonlySet<number>): number =>
  Math.round((completed.size * 100) / STAGES);

/** The first stage that is not completed, 1 to 8; 8 when all are. */
export function currentStage(completed: ReadonlySet<number>): number {
  const stages = Array.from({ length: STAGES }, (_, index) => index + 1);
  return stages.find((stage) => !completed.has(stage)) ?? STAGES;
}

/** Whole minutes between two instants, rounded; undefined if one of them is not known yet. */
export function minutesBetween(start: Timestamp | null, end: Timestamp | null): number | undefined {
  return start === null || end === null
    ? undefined
    : Math.round((Date.parse(end) - Date.parse(start)) / 60_000);
}
