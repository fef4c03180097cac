import { engineMessage } from "../engine/messages";
import { loadProgram } from "../engine/program";
import { type OpenStack, withoutSecrets } from "../stack/stack";
import { timeEvents } from "../timings";
import type { Plan } from "./plan";
import { PlanRecorder } from "./recorder";

/**
 * Has the engine preview an update. A preview that fails is a plan with errors.
 * @param replace URNs of resources that are replaced although their inputs are the same
 */
export async function previewStack(
  { stack, configFile }: OpenStack,
  replace?: string[],
): Promise<Plan> {
  const recorder = new PlanRecorder();
  try {
    await stack.preview({
      configFile,
      replace,
      program: loadProgram(),
      onEvent: timeEvents(recorder.onEvent),
    });
  } catch (error) {
    const plan = recorder.result();
    // Without an error event the engine failed before it came to the program.
    return allErrors(plan).length > 0 ? plan : { ...plan, errors: [engineMessage(error)] };
  }
  return recorder.result();
}

/**
 * Has the engine read some resources from their servers, and preview again.
 * @param target URNs of the resources
 */
export async function refreshAndPreview(opened: OpenStack, target: string[]): Promise<Plan> {
  await opened.stack.refresh({ ...withoutSecrets(opened), target });
  return previewStack(opened);
}

export const allErrors = ({ errors, protectionErrors }: Plan): string[] => [
  ...errors,
  ...protectionErrors,
];
