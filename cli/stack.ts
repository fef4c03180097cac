import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";

import { LocalWorkspace, PulumiCommand, Stack } from "@pulumi/pulumi/automation";
import { parse, stringify } from "yaml";

import { trustedFileOf } from "../components/platform/trusted-file";
import { parseConfig, type PlatformConfig } from "../config";
import { ENGINE_ROOT, ENGINE_VERSION } from "./engine";
import { EngineError, inOwnGroup, runEngine } from "./engine-run";
import { settledEnvironment } from "./environment";
import { FaultError } from "./fault";
import {
  keepsStateHere,
  LOCAL_BACKEND,
  localState,
  lockDirectory,
  PROJECT,
  refuseFullDisk,
} from "./local-state";
import { LOCAL, PASSPHRASE_FILE, ROOT, STATE } from "./paths";
import { storedProvider } from "./secrets-provider";
import { othersAtWork } from "./stack-lock";

/** A stack with the file of settings that its runs use. */
export interface OpenStack {
  stack: Stack;
  /** For every operation of the stack. */
  configFile: string;
  /** Whether this run made it. */
  isNew: boolean;
}

interface Settings {
  encryptionsalt?: string;
  secretsprovider?: string;
  encryptedkey?: string;
  config?: Record<string, unknown>;
}

/** Where stacks are made, out of git's sight. */
const STACKS = join(LOCAL, "stacks");
const trackedFile = (stack: string) => join(ROOT, `Pulumi.${stack}.yaml`);
const saltFile = (stack: string) => join(STACKS, `Pulumi.${stack}.yaml`);

/** What a run of the engine needs in its environment besides what is there. */
export function engineEnvironment(): Record<string, string> {
  const { PULUMI_CONFIG_PASSPHRASE, PULUMI_CONFIG_PASSPHRASE_FILE } = process.env;
  const hasPassphrase =
    PULUMI_CONFIG_PASSPHRASE !== undefined || PULUMI_CONFIG_PASSPHRASE_FILE !== undefined;
  return {
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // Most resources wait for a server's answer, not for a processor; the default is four a processor.
    PULUMI_PARALLEL: "64",
    // A plugin that is missing is installed before the run, where a person is told so.
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    ...(keepsStateHere() ? { PULUMI_BACKEND_URL: LOCAL_BACKEND } : {}),
    ...(hasPassphrase ? {} : { PULUMI_CONFIG_PASSPHRASE_FILE: PASSPHRASE_FILE }),
    ...settledEnvironment(),
  };
}

/**
 * Opens a stack, and makes it where it does not exist: state and passphrase are kept on this machine
 * unless the environment names others. No tracked file is changed.
 * @param make false refuses a stack that a backend of others' does not know; for this machine's own,
 *   `refuseUnknownStack` comes before
 */
export async function openStack(name: string, { make = true } = {}): Promise<OpenStack> {
  const command = await PulumiCommand.get({ root: ENGINE_ROOT, skipVersionCheck: true });
  if (command.version?.version !== ENGINE_VERSION) {
    throw new FaultError([
      `The engine in ${ENGINE_ROOT} says that it is ${command.version?.version ?? "of no version"}, ` +
        `and ${ENGINE_VERSION} is needed. Remove that folder; the next run installs the right one.`,
    ]);
  }
  const tracked = trackedFile(name);
  const settings = readSettings(tracked);
  const shared = isShared(settings);
  refuseMissingPassphrase(shared);
  const env = engineEnvironment();
  mkdirSync(keepsStateHere() ? STATE : LOCAL, { recursive: true, mode: 0o700 });
  if (keepsStateHere()) {
    refuseFullDisk();
  }
  if (env.PULUMI_CONFIG_PASSPHRASE_FILE && !existsSync(PASSPHRASE_FILE)) {
    const passphrase = `${randomBytes(24).toString("base64url")}\n`;
    writeFileSync(PASSPHRASE_FILE, passphrase, { mode: 0o600, flag: "wx" });
  }
  const { isNew, encryptionsalt } = keepsStateHere()
    ? await madeHere(name, shared)
    : await madeThere(name, settings, make);
  const configFile = shared ? tracked : join(LOCAL, `Pulumi.${name}.yaml`);
  if (!shared) {
    writeFileSync(
      configFile,
      `# Written at each run from Pulumi.${name}.yaml; edit that one.\n` +
        stringify({ ...settings, encryptionsalt }),
      { mode: 0o600 },
    );
  }
  const workspace = await LocalWorkspace.create({
    workDir: ROOT,
    pulumiCommand: inOwnGroup(command),
    envVars: env,
  });
  // Automation selects the stack by a command of its own, which leaves a file in the engine's home and
  // takes a third of a second; every command names the stack anyway.
  workspace.selectStack = async () => undefined;
  return { stack: await Stack.select(name, workspace), configFile, isNew };
}

interface Made {
  isNew: boolean;
  /** Absent where the stack's own file has it, or its secrets provider has none. */
  encryptionsalt?: string;
}

/** A passphrase of this machine's own would lock out everybody else who uses the backend. */
function refuseMissingPassphrase(shared: boolean): void {
  const { PULUMI_BACKEND_URL: backend, PULUMI_CONFIG_PASSPHRASE_FILE: ownFile } = {
    ...process.env,
    ...engineEnvironment(),
  };
  const isService = /^https?:/.test(backend ?? "");
  if (!shared && !keepsStateHere() && !isService && ownFile === PASSPHRASE_FILE) {
    throw new FaultError([
      `The backend ${backend} is others' as well, and so must be the passphrase of the stack's secrets: ` +
        "set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE to the one that all use.",
    ]);
  }
}

/** Makes the stack in this machine's backend where that does not know it. */
async function madeHere(name: string, shared: boolean): Promise<Made> {
  if (shared) {
    if (localState(name) === undefined) {
      throw new FaultError([
        `Pulumi.${name}.yaml has the salt or secrets provider of a stack whose state is in another backend, and ` +
          `this machine has no stack ${name}. Set PULUMI_BACKEND_URL to that backend, and the passphrase with it; ` +
          "for a stack of your own, use another name.",
      ]);
    }
    return { isNew: false };
  }
  const isNew = !isKnown(name);
  if (isNew) {
    await initialize(name);
  }
  const { encryptionsalt } = readSettings(saltFile(name));
  if (!encryptionsalt) {
    throw new FaultError([`The engine made the stack ${name} without a salt for its secrets.`]);
  }
  return { isNew, encryptionsalt };
}

/**
 * Makes the stack in a backend that others use where that does not know it. What it encrypts secrets by is in
 * the backend from then on, beside the state, so that any checkout with the passphrase finds it there.
 * @throws FaultError where it is not to be made, or the backend cannot be read
 */
async function madeThere(name: string, settings: Settings, make: boolean): Promise<Made> {
  writeProject();
  const stored = await storedProvider(name, STACKS, engineEnvironment());
  if (stored === undefined && !make) {
    throw new FaultError([`There is no stack ${name} in ${process.env.PULUMI_BACKEND_URL}.`]);
  }
  const salt = stored?.type === "passphrase" ? stored.state?.salt : undefined;
  if (stored !== undefined) {
    return { isNew: false, encryptionsalt: salt };
  }
  const { encryptionsalt, secretsprovider, encryptedkey } = settings;
  writeFileSync(saltFile(name), stringify({ encryptionsalt, secretsprovider, encryptedkey }));
  await initialize(name);
  const made = readSettings(saltFile(name)).encryptionsalt;
  // This machine's own backend knows the stacks that have such a file.
  rmSync(saltFile(name));
  return { isNew: true, encryptionsalt: made };
}

/**
 * Makes the stack. The engine writes the salt of the stack's secrets, unless there is one, into a settings
 * file beside the project, so that this is done from a project of its own, out of git's sight.
 */
async function initialize(name: string): Promise<void> {
  writeProject();
  await engine(["stack", "init", name, "--no-select", "--cwd", STACKS]);
}

function writeProject(): void {
  mkdirSync(STACKS, { recursive: true, mode: 0o700 });
  writeFileSync(join(STACKS, "Pulumi.yaml"), stringify({ name: PROJECT, runtime: "nodejs" }));
}

/** Runs one command of the engine that Automation has no call for. */
export async function engine(args: string[]): Promise<void> {
  try {
    await runEngine(args, { env: { ...process.env, ...engineEnvironment() } });
  } catch (error) {
    throw error instanceof EngineError ? new FaultError([error.message]) : error;
  }
}

/** @throws FaultError that names the file where it is not YAML */
function readSettings(file: string): Settings {
  if (!existsSync(file)) {
    return {};
  }
  try {
    return (parse(readFileSync(file, "utf8")) as Settings | null) ?? {};
  } catch (error) {
    throw new FaultError([`${relative(ROOT, file)} is not YAML: ${(error as Error).message}`]);
  }
}

/** Whether it is a team's: such a stack keeps its salt in the file they share. */
const isShared = ({ encryptionsalt, secretsprovider }: Settings) =>
  Boolean(encryptionsalt ?? secretsprovider);

const isKnown = (name: string) => readSettings(saltFile(name)).encryptionsalt !== undefined;

/** Whether a stack was made before, here or, as its file says, by its team. */
export const isMade = (name: string) => isShared(readSettings(trackedFile(name))) || isKnown(name);

/**
 * Sees to it that a stack is there to be destroyed: opening one that is not would make it. A backend of others'
 * is asked when the stack is opened.
 * @throws FaultError with the stacks that are known here
 */
export function refuseUnknownStack(name: string): void {
  if (keepsStateHere() && !isMade(name)) {
    const known = stacksHere().join(", ") || "none";
    throw new FaultError([`There is no stack ${name}. Known on this machine: ${known}.`]);
  }
}

/** Removes a stack that holds no resources, and everything that runs have written for it here. */
export async function removeStack({ stack, configFile }: OpenStack): Promise<void> {
  const { name } = stack;
  await engine(["stack", "rm", name, "--yes", "--preserve-config"]);
  rmSync(join(ROOT, trustedFileOf(name)), { force: true });
  if (!configFile.startsWith(LOCAL)) {
    return;
  }
  rmSync(configFile, { force: true });
  rmSync(saltFile(name), { force: true });
  const kept = ["backups", "history"].map((kind) => join(STATE, ".pulumi", kind, PROJECT, name));
  for (const directory of [...kept, lockDirectory(name)]) {
    rmSync(directory, { recursive: true, force: true });
  }
  if (stacksHere().length === 0 && !othersAtWork(name)) {
    rmSync(LOCAL, { recursive: true, force: true });
  }
}

/** Stacks whose salt is kept here. */
function stacksHere(): string[] {
  const names = (existsSync(STACKS) ? readdirSync(STACKS) : []).map((file) =>
    /^Pulumi\.(.+)\.yaml$/.exec(file),
  );
  return names.flatMap((match) => (match ? [match[1]] : []));
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

/** Names of the images that a stack has unless it says otherwise. */
export const defaultImages = (): Set<unknown> => {
  const defaults = Object.entries(declaredDefaults());
  return new Set(defaults.filter(([key]) => key.endsWith("Image")).map(([, value]) => value));
};

/**
 * Reads and checks the stack's settings as the program will, but all at once: the engine stops at the first
 * value of a wrong type.
 * @throws Error that lists every fault with the key to mend
 */
export function stackConfiguration(name: string): PlatformConfig {
  const defaults = Object.entries(declaredDefaults()).map(
    ([key, value]) => [`${PROJECT}:${key}`, value] as const,
  );
  const { config: own = {} } = readSettings(trackedFile(name));
  const values = Object.entries({ ...Object.fromEntries(defaults), ...own }).map(
    ([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)] as const,
  );
  return parseConfig(name, Object.fromEntries(values));
}

/** What is at fault with the stack's settings, if anything: one text with every key to mend. */
export function configurationFaults(name: string): string[] {
  try {
    stackConfiguration(name);
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}
