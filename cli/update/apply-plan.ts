import type { EngineEvent } from "@pulumi/pulumi/automation";

import { loadProgram } from "../engine/program";
import type { Change, Plan } from "../plan/plan";
import { type OpenStack, withoutSecrets } from "../stack/stack";
import { createDisplay } from "../terminal/display";
import { Progress } from "../terminal/progress";
import { mark, timeEvents } from "../timings";
import { describeFailure } from "./failure";

const say = (line: string) => console.log(line);

/**
 * Has the engine update the stack, with progress.
 * @param replace URNs of resources that are replaced although their inputs are the same
 * @throws FaultError with each error and the logs of failed containers
 */
export async function applyPlan(
  { stack, ...opened }: OpenStack,
  plan: Plan,
  replace?: string[],
): Promise<void> {
  say(`Updating stack ${stack.name}`);
  await followProgress(plan.changes, (onEvent) =>
    stack.up({ ...withoutSecrets(opened), replace, program: loadProgram(), onEvent }),
  );
}

/** Runs an operation of the engine, prints its progress, and reports what a person needs where it fails. */
export async function followProgress(
  changes: Change[],
  operation: (onEvent: (event: EngineEvent) => void) => Promise<unknown>,
): Promise<void> {
  const progress = new Progress(changes, createDisplay());
  try {
    mark("engine-start");
    await operation(timeEvents(progress.onEvent));
    mark("engine-end");
  } catch (error) {
    throw await describeFailure(progress.failedContainers, progress.errors, error);
  } finally {
    progress.end();
  }
}
