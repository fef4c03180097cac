import { parseArgs } from "node:util";

import { FaultError } from "../fault";

/** Whether what cannot be downloaded is built from package registries: after a failed download, at once, or not at all. */
export type Offline = "auto" | "always" | "never";

/** Options that only some commands have. */
export interface OwnOptions {
  json?: boolean;
  yes?: boolean;
  to?: string;
  finished?: string[];
  applied?: string[];
  rerun?: string[];
  accept?: string[];
  forget?: string[];
  renamed?: string[];
  late?: string[];
  "accept-drift"?: boolean;
}

export interface Options {
  command: string;
  /** What follows the command, where it takes more words. */
  words: string[];
  stack: string;
  offline: Offline;
  own: OwnOptions;
}

const OFFLINE_MODES: readonly string[] = ["auto", "always", "never"];

const COMMON = { stack: { type: "string" }, offline: { type: "string" } } as const;
const OWN = {
  json: { type: "boolean" },
  yes: { type: "boolean" },
  to: { type: "string" },
  finished: { type: "string", multiple: true },
  applied: { type: "string", multiple: true },
  rerun: { type: "string", multiple: true },
  accept: { type: "string", multiple: true },
  forget: { type: "string", multiple: true },
  renamed: { type: "string", multiple: true },
  late: { type: "string", multiple: true },
  "accept-drift": { type: "boolean" },
} as const;

/** Commands that take more words than their name, or options of their own. */
const OWN_OF: Record<string, readonly string[]> = {
  migrations: Object.keys(OWN),
  rotate: ["yes"],
};

/**
 * Reads the command line and the environment.
 * @throws FaultError that lists every fault of both
 */
export function readOptions(args: string[], env: NodeJS.ProcessEnv): Options {
  const { common, own, positionals, faults } = parsed(args);
  const [command = "", ...words] = positionals;
  const offline = common.offline ?? env.LEARNING_PLATFORM_OFFLINE ?? "auto";
  const stack = common.stack ?? env.PULUMI_STACK ?? "dev";
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
  const foreign = Object.keys(own).filter((name) => !OWN_OF[command]?.includes(name));
  if (foreign.length > 0) {
    faults.push(`Not an option of ${command}: ${foreign.map((name) => `--${name}`).join(" ")}.`);
  }
  if (words.length > 0 && !(command in OWN_OF)) {
    faults.push(`Not understood: ${words.join(" ")}.`);
  }
  if (faults.length > 0) {
    throw new FaultError(faults);
  }
  return { command, words, stack, offline: offline as Offline, own };
}

interface Parsed {
  common: { stack?: string; offline?: string };
  own: OwnOptions;
  positionals: string[];
  faults: string[];
}

function parsed(args: string[]): Parsed {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { ...COMMON, ...OWN },
    });
    const { stack, offline, ...own } = values;
    return { common: { stack, offline }, own, positionals, faults: [] };
  } catch (error) {
    return { common: {}, own: {}, positionals: [], faults: [(error as Error).message] };
  }
}
