import type { Plan } from "../../../../cli/plan/plan";
import { PlanRecorder } from "../../../../cli/plan/recorder";
import { begins, type Step } from "./events";

/** The plan of a preview with these steps. */
export function planOf(...steps: Step[]): Plan {
  const recorder = new PlanRecorder();
  steps.map(begins).forEach(recorder.onEvent);
  return recorder.result();
}

/** The three steps in which the engine reports a replacement. */
export const replacement = (step: Omit<Step, "op">): Step[] =>
  (["delete-replaced", "replace", "create-replacement"] as const).map((op) => ({ ...step, op }));
