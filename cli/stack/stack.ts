import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { LocalWorkspace, PulumiCommand, Stack } from "@pulumi/pulumi/automation";
import { stringify } from "yaml";

import { trustedFileOf } from "../../components/platform/trusted-file";
import { engineEnvironment } from "../engine/environment";
import { ENGINE_ROOT, ENGINE_VERSION } from "../engine/install";
import { EngineError, inOwnGroup, runEngine } from "../engine/run";
import { FaultError } from "../fault";
import { LOCAL, PASSPHRASE_FILE, ROOT, STATE } from "../paths";
import { othersAtWork } from "./command-lock";
import { keepsStateHere, localState, lockDirectory, PROJECT, refuseFullDisk } from "./local-state";
import { storedProvider } from "./secrets-provider";
import {
  hasSalt,
  isShared,
  localStacks,
  readSettings,
  saltFile,
  type Settings,
  STACKS,
  trackedFile,
} from "./settings";

/** A stack with the file of settings that its runs use. */
export interface OpenStack {
  stack: Stack;
  /** For every operation of the stack. */
  configFile: string;
  /** Whether this run created it. */
  isNew: boolean;
}

/**
 * Options for every operation but a preview. Asked for secrets, Automation reads the history afterwards, and the engine
 * then rewrites Pulumi.<stack>.yaml.
 */
export const withoutSecrets = ({ configFile }: Pick<OpenStack, "configFile">) => ({
  configFile,
  showSecrets: false,
});

/**
 * Opens a stack, and creates it where it does not exist. State and passphrase are kept on this machine unless the
 * environment names others. No tracked file changes.
 * @param make false refuses a stack that a backend of the environment does not have; for this machine's backend,
 *   call `refuseUnknownStack` first
 */
export async function openStack(name: string, { make = true } = {}): Promise<OpenStack> {
  const command = await findEngine();
  const tracked = trackedFile(name);
  const settings = readSettings(tracked);
  const shared = isShared(settings);
  refuseMissingPassphrase(shared);
  prepareLocalFiles();
  const { isNew, encryptionsalt } = keepsStateHere()
    ? await createHere(name, shared)
    : await createInBackend(name, settings, make);
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
    envVars: engineEnvironment(),
  });
  // Automation selects the stack by a command of its own, which leaves a file in the engine's home and
  // takes a third of a second; every command names the stack anyway.
  workspace.selectStack = async () => undefined;
  return { stack: await Stack.select(name, workspace), configFile, isNew };
}

async function findEngine(): Promise<PulumiCommand> {
  const command = await PulumiCommand.get({ root: ENGINE_ROOT, skipVersionCheck: true });
  if (command.version?.version !== ENGINE_VERSION) {
    throw new FaultError([
      `The engine in ${ENGINE_ROOT} has ${command.version ? `version ${command.version.version}` : "no version"}; ` +
        `${ENGINE_VERSION} is needed. Remove that folder; the next run installs the right version.`,
    ]);
  }
  return command;
}

/** Creates the folders of the state and, unless the environment names another one, the passphrase. */
function prepareLocalFiles(): void {
  mkdirSync(keepsStateHere() ? STATE : LOCAL, { recursive: true, mode: 0o700 });
  if (keepsStateHere()) {
    refuseFullDisk();
  }
  if (engineEnvironment().PULUMI_CONFIG_PASSPHRASE_FILE && !existsSync(PASSPHRASE_FILE)) {
    const passphrase = `${randomBytes(24).toString("base64url")}\n`;
    writeFileSync(PASSPHRASE_FILE, passphrase, { mode: 0o600, flag: "wx" });
  }
}

interface Creation {
  isNew: boolean;
  /** Absent where the stack's own file has it, or its secrets provider has none. */
  encryptionsalt?: string;
}

/** A passphrase that only this machine has would lock out every other user of the backend. */
function refuseMissingPassphrase(shared: boolean): void {
  const { PULUMI_BACKEND_URL: backend, PULUMI_CONFIG_PASSPHRASE_FILE: ownFile } = {
    ...process.env,
    ...engineEnvironment(),
  };
  const isService = /^https?:/.test(backend ?? "");
  if (!shared && !keepsStateHere() && !isService && ownFile === PASSPHRASE_FILE) {
    throw new FaultError([
      `Others may use the backend ${backend} too, so they must have the passphrase of the stack's secrets: ` +
        "set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE to the one that all of them use.",
    ]);
  }
}

/** Creates the stack in this machine's backend, unless it is there. */
async function createHere(name: string, shared: boolean): Promise<Creation> {
  if (shared) {
    if (localState(name) === undefined) {
      throw new FaultError([
        `Pulumi.${name}.yaml has the salt or secrets provider of a stack whose state is in another backend, and ` +
          `this machine has no stack ${name}. Set PULUMI_BACKEND_URL to that backend, and its passphrase; ` +
          "for a stack of your own, use another name.",
      ]);
    }
    return { isNew: false };
  }
  const isNew = !hasSalt(name);
  if (isNew) {
    await initialize(name);
  }
  const { encryptionsalt } = readSettings(saltFile(name));
  if (!encryptionsalt) {
    throw new FaultError([`The engine created the stack ${name} without a salt for its secrets.`]);
  }
  return { isNew, encryptionsalt };
}

/**
 * Creates the stack in a backend of the environment, unless it is there. The backend then keeps the salt beside the
 * state, so that every checkout with the passphrase finds it.
 * @throws FaultError where it must not be created, or the backend cannot be read
 */
async function createInBackend(name: string, settings: Settings, make: boolean): Promise<Creation> {
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
  const created = readSettings(saltFile(name)).encryptionsalt;
  // Such a file says that the stack is in this machine's backend.
  rmSync(saltFile(name));
  return { isNew: true, encryptionsalt: created };
}

/**
 * Creates the stack. The engine writes the salt of the stack's secrets, unless there is one, into a settings file
 * beside the project, so this runs in a project of its own that git ignores.
 */
async function initialize(name: string): Promise<void> {
  writeProject();
  await engine(["stack", "init", name, "--no-select", "--cwd", STACKS]);
}

function writeProject(): void {
  mkdirSync(STACKS, { recursive: true, mode: 0o700 });
  writeFileSync(join(STACKS, "Pulumi.yaml"), stringify({ name: PROJECT, runtime: "nodejs" }));
}

/** Runs a command of the engine for which Automation has no call. */
export async function engine(args: string[]): Promise<void> {
  try {
    await runEngine(args, { env: { ...process.env, ...engineEnvironment() } });
  } catch (error) {
    throw error instanceof EngineError ? new FaultError([error.message]) : error;
  }
}

/** Removes a stack without resources, and every file that runs wrote for it here. */
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
  if (localStacks().length === 0 && !othersAtWork(name)) {
    rmSync(LOCAL, { recursive: true, force: true });
  }
}
