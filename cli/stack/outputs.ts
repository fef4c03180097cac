import type { Outputs } from "../../contract/outputs";
import { engineIsThere, ensureEngine } from "../engine/install";
import { FaultError } from "../fault";
import type { StackOptions } from "../options";
import { TYPES } from "../resource-types";
import { refuseUnknownStack } from "./settings";
import { openStack } from "./stack";
import { readResources, type StackResource } from "./state";

/**
 * Reads the state of a stack that exists. Messages go to standard error: standard output is the command's own.
 * @throws FaultError where there is no such stack, or its state is out of reach
 */
export async function readStack({ stack, offline }: StackOptions): Promise<StackResource[]> {
  refuseUnknownStack(stack);
  // No plugin runs, so that nobody needs to hear which of them are stand-ins.
  if (!engineIsThere()) {
    await ensureEngine(offline, (line) => console.error(line));
  }
  return readResources(await openStack(stack));
}

/**
 * The outputs of a stack's last update, with their secrets in clear.
 * @throws FaultError also where no update has ended yet
 */
export async function readOutputs(options: StackOptions): Promise<Outputs> {
  return outputsOf(options.stack, await readStack(options));
}

/** @throws FaultError where no update has ended yet */
export function outputsOf(stack: string, resources: readonly StackResource[]): Outputs {
  const outputs = resources.find(({ type }) => type === TYPES.stack)?.outputs;
  if (outputs?.services === undefined) {
    throw new FaultError([
      `Stack ${stack} has no outputs: no update of it has ended. Run npm run up -- --stack ${stack}.`,
    ]);
  }
  return outputs as unknown as Outputs;
}
