/** The settings of a stack: the tracked file, the salt that this machine keeps, and the configuration in them. */
import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

import { parse } from "yaml";

import { firstPorts, parseConfig, type PlatformConfig } from "../../config";
import { UNKNOWN_SECRET } from "../../config-servers";
import { FaultError } from "../fault";
import { LOCAL, ROOT } from "../paths";
import { keepsStateHere, localStacks, localState, PROJECT, stateFile } from "./local-state";

/** A settings file of the engine. */
export interface Settings {
  encryptionsalt?: string;
  secretsprovider?: string;
  encryptedkey?: string;
  config?: Record<string, unknown>;
}

/** A folder that git ignores, where the engine creates stacks. */
export const STACKS = join(LOCAL, "stacks");
/** The file that a team edits and shares. The environments of pull requests share one, unless they have one of their own. */
export function trackedFile(stack: string): string {
  const own = join(ROOT, `Pulumi.${stack}.yaml`);
  return pullRequestOf(stack) === undefined || existsSync(own) ? own : join(ROOT, "Pulumi.pr.yaml");
}

/** The stack of a pull request. It has the number: branches are renamed, and their names hold slashes. */
export const environmentName = (pullRequest: number): string => `pr-${pullRequest}`;

/** Number of the pull request whose environment the stack is: 7 of `pr-7`. */
export function pullRequestOf(stack: string): number | undefined {
  const number = /^pr-([1-9]\d*)$/.exec(stack)?.[1];
  return number === undefined ? undefined : Number(number);
}

/** First ports that were chosen for stacks, by the stack's name: see port-block.ts. */
const keptFirstPorts = new Map<string, number>();
export const keepFirstPort = (stack: string, port: number) => keptFirstPorts.set(stack, port);

/** Keys of what this run leaves out of a stack, by the stack's name: see update/left-out.ts. */
const keptOut = new Map<string, string[]>();
export const leaveOut = (stack: string, key: string) =>
  keptOut.set(stack, [...(keptOut.get(stack) ?? []), key]);

/**
 * The stack's own settings: those of its file, and the first port that was chosen for it. The block that follows from its
 * name is not stated: a key that comes up after the first run would change the settings of every plugin.
 */
export function stackSettings(stack: string): Settings {
  const { config, ...settings } = readSettings(trackedFile(stack));
  const firstPort = keptFirstPorts.get(stack);
  const isStated = firstPort && firstPort !== firstPorts(stack)[0];
  const chosen = isStated ? { [`${PROJECT}:firstPort`]: firstPort } : {};
  const left = (keptOut.get(stack) ?? []).map((key) => [`${PROJECT}:${key}`, false] as const);
  return { ...settings, config: { ...chosen, ...config, ...Object.fromEntries(left) } };
}
/** Where this machine keeps the salt of a stack's secrets. */
export const saltFile = (stack: string) => join(STACKS, `Pulumi.${stack}.yaml`);

/** @throws FaultError that names the file where it is not YAML */
export function readSettings(file: string): Settings {
  if (!existsSync(file)) {
    return {};
  }
  try {
    return (parse(readFileSync(file, "utf8")) as Settings | null) ?? {};
  } catch (error) {
    throw new FaultError([`${relative(ROOT, file)} is not YAML: ${(error as Error).message}`]);
  }
}

/** Whether a team shares the stack: it then keeps its salt in the file that they share. */
export const isShared = ({ encryptionsalt, secretsprovider }: Settings) =>
  Boolean(encryptionsalt ?? secretsprovider);

/**
 * The salt of a stack whose state is on this machine; undefined where there is none: a salt without its state is what is
 * left of a stack that was lost. The engine writes the state, which holds the salt too, before the salt's file (3.259.0,
 * cmd/pulumi/stack/io.go): a run may have been killed in between.
 */
export const storedSalt = (name: string): string | undefined =>
  existsSync(stateFile(name))
    ? (readSettings(saltFile(name)).encryptionsalt ??
      localState(name)?.secrets_providers?.state?.salt)
    : undefined;

/** Whether a stack was created before, on this machine or, according to its file, by its team. */
export const stackExists = (name: string) =>
  isShared(readSettings(trackedFile(name))) || storedSalt(name) !== undefined;

/** There is no such stack. Where a stack is to be destroyed, another command may have done that already. */
export class NoStackError extends FaultError {}

/**
 * Refuses a stack that does not exist: opening it would create it. A backend that the environment names is asked
 * when the stack is opened.
 * @throws NoStackError with the stacks that are known here
 */
export function refuseUnknownStack(name: string): void {
  if (keepsStateHere() && !stackExists(name)) {
    const known = localStacks().join(", ") || "none";
    throw new NoStackError([`There is no stack ${name}. Stacks on this machine: ${known}.`]);
  }
}

/** The default of each key that Pulumi.yaml declares. */
function declaredDefaults(): Record<string, unknown> {
  const { config = {} } = readSettings(join(ROOT, "Pulumi.yaml"));
  return Object.fromEntries(
    Object.entries(config as Record<string, { default: unknown }>).map(
      ([key, { default: value }]) => [key, value],
    ),
  );
}

/** Names of the images that a stack uses unless its configuration names others. */
export const defaultImages = (): Set<unknown> => {
  const defaults = Object.entries(declaredDefaults());
  return new Set(defaults.filter(([key]) => key.endsWith("Image")).map(([, value]) => value));
};

/**
 * Reads and checks the stack's configuration as the program will, but reports every fault: the engine stops at the
 * first value of a wrong type.
 * @throws Error that lists every fault with the key to fix
 */
export const stackConfiguration = (name: string): PlatformConfig =>
  parseConfig(name, stackValues(name), {
    isSecret: (key) => secretKeys(name).includes(key),
    environment: process.env,
  });

/** Keys of the stack's configuration whose values are encrypted, wholly or in part. */
export const secretKeys = (name: string): string[] =>
  Object.entries(stackSettings(name).config ?? {})
    .filter(([, value]) => holdsSecret(value))
    .map(([key]) => key);

/** `{ secure: ... }`, as the engine writes an encrypted value (pulumi 3.259.0, sdk/go/common/resource/config/value.go). */
const isEncrypted = (value: unknown): boolean =>
  typeof value === "object" && value !== null && Object.keys(value).join() === "secure";

const holdsSecret = (value: unknown): boolean =>
  isEncrypted(value) ||
  (typeof value === "object" && value !== null && Object.values(value).some(holdsSecret));

/** A value whose encrypted parts are UNKNOWN_SECRET. */
function withoutSecrets(value: unknown): unknown {
  if (isEncrypted(value)) {
    return UNKNOWN_SECRET;
  }
  if (Array.isArray(value)) {
    return value.map(withoutSecrets);
  }
  return typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value).map(([key, part]) => [key, withoutSecrets(part)]))
    : value;
}

/**
 * The stack's configuration as the engine passes it to the program: text by `<namespace>:<key>`. Encrypted values are
 * UNKNOWN_SECRET: only the engine decrypts them.
 */
export function stackValues(name: string): Record<string, string> {
  const defaults = Object.entries(declaredDefaults()).map(
    ([key, value]) => [`${PROJECT}:${key}`, value] as const,
  );
  const { config: own = {} } = stackSettings(name);
  const values = Object.entries({ ...Object.fromEntries(defaults), ...own })
    .map(([key, value]) => [key, withoutSecrets(value)] as const)
    .map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]);
  return Object.fromEntries(values) as Record<string, string>;
}

/** What is wrong with the stack's configuration, if anything: one text with every key to fix. */
export function configurationFaults(name: string): string[] {
  try {
    stackConfiguration(name);
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}
