import type { PlatformConfig } from "../../config";
import { FaultError } from "../fault";
import type { StackOptions } from "../options";
import { configurationFaults, stackConfiguration } from "../stack/settings";
import { checkDocker } from "./docker";
import { fault, type Finding, ok } from "./finding";
import { checkEngine, checkNode, checkPlugins } from "./installation";
import { checkLeftovers } from "./leftovers";
import { checkBackend, checkLocks, checkStates } from "./stacks";

/** Looks at everything that a stack needs on this machine. Neither Docker nor the engine must be there. */
export async function examine({ stack, offline }: StackOptions): Promise<Finding[]> {
  const faults = configurationFaults(stack);
  const config = faults.length === 0 ? stackConfiguration(stack) : undefined;
  const checks: [name: string, check: () => Promise<Finding[]> | Finding[]][] = [
    ["Node.js", () => [checkNode()]],
    ["Engine", async () => [await checkEngine()]],
    ["Plugins", () => checkPlugins(offline)],
    ["Docker", () => checkDocker(config)],
    ["Configuration", () => checkConfiguration(stack, faults, config)],
    ["Backend", checkBackend],
    ["Locks", checkLocks],
    ["State", checkStates],
    ["Leftovers", checkLeftovers],
  ];
  return (await Promise.all(checks.map(([name, check]) => guarded(name, check)))).flat();
}

/** One thing that cannot be looked at keeps nobody from hearing of the others. */
async function guarded(
  name: string,
  check: () => Promise<Finding[]> | Finding[],
): Promise<Finding[]> {
  try {
    return await check();
  } catch (error) {
    if (error instanceof FaultError) {
      return [fault(name, "cannot be looked at", error.faults.join("\n"))];
    }
    throw error;
  }
}

const checkConfiguration = (
  stack: string,
  faults: string[],
  config: PlatformConfig | undefined,
): Finding[] =>
  config
    ? [ok("Configuration", `stack ${stack} has no fault`)]
    : faults.map((text) => fault("Configuration", `stack ${stack} has faults`, text));
