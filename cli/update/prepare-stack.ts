import { ensureEngine } from "../engine/install";
import { throwIfAny } from "../fault";
import { ensureDocker } from "../machine/docker";
import type { StackOptions } from "../options";
import { configurationFaults } from "../stack/settings";
import { type OpenStack, openStack } from "../stack/stack";

/**
 * Finds or installs the engine and Docker, checks the configuration, and opens the stack.
 * @throws FaultError with every reason why that is not possible
 */
export async function prepareStack(
  options: StackOptions,
  say: (line: string) => void,
): Promise<OpenStack> {
  await ensureEngine(options.offline, say);
  const dockerFault = await ensureDocker(say);
  throwIfAny([...(dockerFault ? [dockerFault] : []), ...configurationFaults(options.stack)]);
  return openStack(options.stack);
}
