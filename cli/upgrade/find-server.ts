import { throwIfAny } from "../fault";
import { ensureDocker } from "../machine/docker";
import type { StackOptions } from "../options";
import { readStack } from "../stack/outputs";
import type { StackResource } from "../stack/state";
import { replicaFaults, serverOf, type UpgradableServer } from "./server";
import { settingsFaults } from "./settle";

/**
 * The server of a stack, whose Docker answers.
 * @throws FaultError where it cannot move to another version
 */
export async function findServer(
  options: StackOptions,
  say: (line: string) => void,
): Promise<{ server: UpgradableServer; resources: readonly StackResource[] }> {
  const { stack } = options;
  const resources = await readStack(options);
  const server = serverOf(stack, resources);
  throwIfAny([...replicaFaults(stack, resources), ...settingsFaults(stack)]);
  const dockerFault = await ensureDocker(say);
  throwIfAny(dockerFault ? [dockerFault] : []);
  return { server, resources };
}
