import { throwIfAny } from "../fault";
import { isNotBuilt } from "../machine/images";
import type { StackOptions } from "../options";
import { configurationFaults, stackConfiguration } from "../stack/settings";
import { findStack, type OpenStack } from "../stack/stack";
import { mark } from "../timings";
import { leaveOutUnobtainable } from "./left-out";
import { configuredImages, prepareMachine } from "./prepare-machine";

/**
 * Finds or installs the engine and Docker, checks the configuration, and opens the stack.
 * @returns undefined where the stack does not exist yet
 * @throws FaultError with every reason why that is not possible
 */
export async function prepareStack(
  options: StackOptions,
  say: (line: string) => void,
): Promise<OpenStack | undefined> {
  const faults = configurationFaults(options.stack);
  const images = faults.length > 0 ? [] : configuredImages(stackConfiguration(options.stack));
  const needed = images.filter((image) => !isNotBuilt(image));
  const dockerFault = await prepareMachine(needed, options.offline, say);
  throwIfAny([...(dockerFault ? [dockerFault] : []), ...faults]);
  await leaveOutUnobtainable(options, say);
  const opened = await findStack(options.stack);
  mark("prepared");
  return opened;
}
