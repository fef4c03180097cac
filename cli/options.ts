import { parseArgs } from "node:util";

import { FaultError } from "./fault";

/** Whether what cannot be downloaded is built from package registries: after a failed download, at once, or not at all. */
export type Offline = "auto" | "always" | "never";

export interface Options {
  command: string;
  stack: string;
  offline: Offline;
}

const OFFLINE_MODES: readonly string[] = ["auto", "always", "never"];

/**
 * Reads the command line and the environment.
 * @throws FaultError that lists every fault of both
 */
export function readOptions(args: string[], env: NodeJS.ProcessEnv): Options {
  const { values, positionals, faults } = parsed(args);
  const [command = "", ...more] = positionals;
  const offline = values.offline ?? env.LEARNING_PLATFORM_OFFLINE ?? "auto";
  const stack = values.stack ?? env.PULUMI_STACK ?? "dev";
  if (!OFFLINE_MODES.includes(offline)) {
    faults.push(
      `--offline (LEARNING_PLATFORM_OFFLINE) is one of ${OFFLINE_MODES.join(", ")}, not ${offline}.`,
    );
  }
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/.test(stack)) {
    faults.push(
      `--stack is 1 to 100 letters, digits, dots, hyphens and underscores, not ${stack}.`,
    );
  }
  if (more.length > 0) {
    faults.push(`Not understood: ${more.join(" ")}.`);
  }
  if (faults.length > 0) {
    throw new FaultError(faults);
  }
  return { command, stack, offline: offline as Offline };
}

function parsed(args: string[]) {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { stack: { type: "string" }, offline: { type: "string" } },
    });
    return { values, positionals, faults: [] as string[] };
  } catch (error) {
    return { values: {}, positionals: [], faults: [(error as Error).message] } as {
      values: { stack?: string; offline?: string };
      positionals: string[];
      faults: string[];
    };
  }
}
