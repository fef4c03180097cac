import { ensureEngine } from "../engine/install";
import { throwIfAny } from "../fault";
import { ensureDocker } from "../machine/docker";
import type { StackOptions } from "../options";
import { configurationFaults } from "../stack/settings";
import { findStack, type OpenStack } from "../stack/stack";
import { mark } from "../timings";

/**
 * Finds or installs the engine and Docker, checks the configuration, and opens the stack.
 * @returns undefined where the stack does not exist yet
 * @throws FaultError with every reason why that is not possible
 */
export async function prepareStack(
  options: StackOptions,
  say: (line: string) => void,
): Promise<OpenStack | undefined> {
  await ensureEngine(options.offline, say);
  const dockerFault = await ensureDocker(say);
  throwIfAny([...(dockerFault ? [dockerFault] : []), ...configurationFaults(options.stack)]);
  const opened = await findStack(options.stack);
  mark("prepared");
  return opened;
}
