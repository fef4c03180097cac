import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

import { LocalWorkspace, Stack } from "@pulumi/pulumi/automation";
import { stringify } from "yaml";

import { trustedFileOf } from "../../components/platform/trusted-file";
import { engineCommand } from "../engine/command";
import { engineEnvironment } from "../engine/environment";
import { EngineError, runEngine } from "../engine/run";
import { FaultError } from "../fault";
import { LOCAL, PASSPHRASE_FILE, ROOT, STATE } from "../paths";
import { othersAtWork, removeLocalFiles } from "./command-lock";
import {
  backend,
  isService,
  keepsStateHere,
  localStacks,
  localState,
  lockDirectory,
  PROJECT,
  refuseFullDisk,
  type State,
} from "./local-state";
import { settleFirstPort } from "./port-block";
import {
  isShared,
  NoStackError,
  readSettings,
  saltFile,
  type Settings,
  STACKS,
  stackSettings,
  storedSalt,
  trackedFile,
} from "./settings";
import { storedState } from "./stored-state";

/** A stack with the file of settings that its runs use. */
export interface OpenStack {
  stack: Stack;
  /** For every operation of the stack. */
  configFile: string;
  /** Its state when it was opened; undefined where it was created by then. */
  state?: State;
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
 * Opens a stack. State and passphrase are kept on this machine unless the environment names others. No tracked file
 * changes.
 * @returns undefined where there is no such stack; then nothing was written
 * @throws FaultError where its state or passphrase is out of reach
 */
export async function findStack(name: string): Promise<OpenStack | undefined> {
  const settings = readSettings(trackedFile(name));
  refuseMissingPassphrase(isShared(settings));
  const found = keepsStateHere() ? findHere(name, settings) : await findInBackend(name);
  if (!isShared(settings)) {
    await settleFirstPort(name, found?.state);
  }
  return found && { ...(await open(name, found.encryptionsalt)), state: found.state };
}

/**
 * Opens a stack that must exist.
 * @throws NoStackError
 */
export async function openStack(name: string): Promise<OpenStack> {
  const opened = await findStack(name);
  if (opened === undefined) {
    throw new NoStackError([`There is no stack ${name} in ${backend()}.`]);
  }
  return opened;
}

/** Creates a stack that `findStack` did not find. */
export async function createStack(name: string): Promise<OpenStack> {
  const settings = readSettings(trackedFile(name));
  prepareLocalFiles();
  const salt = keepsStateHere() ? await createHere(name) : await createInBackend(name, settings);
  return open(name, salt);
}

/** @param encryptionsalt absent where the stack's own file has it, or its secrets provider has none */
async function open(name: string, encryptionsalt: string | undefined): Promise<OpenStack> {
  prepareLocalFiles();
  const settings = stackSettings(name);
  const shared = isShared(settings);
  const configFile = shared ? trackedFile(name) : join(LOCAL, `Pulumi.${name}.yaml`);
  if (!shared) {
    writeFileSync(
      configFile,
      `# Written at each run from ${basename(trackedFile(name))}; edit that one.\n` +
        stringify({ ...settings, encryptionsalt }),
      { mode: 0o600 },
    );
  }
  const workspace = await LocalWorkspace.create({
    workDir: ROOT,
    pulumiCommand: engineCommand(),
    envVars: engineEnvironment(),
  });
  // Automation selects the stack by a command of its own, which leaves a file in the engine's home and
  // takes a third of a second; every command names the stack anyway.
  workspace.selectStack = async () => undefined;
  const stack = await Stack.select(name, workspace);
  // Automation reads both by three more commands after each update; nothing here uses them.
  stack.outputs = async () => ({});
  stack.info = async () => undefined;
  return { stack, configFile };
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

/** A passphrase that only this machine has would lock out every other user of the backend. */
function refuseMissingPassphrase(shared: boolean): void {
  const { PULUMI_CONFIG_PASSPHRASE_FILE: ownFile } = { ...process.env, ...engineEnvironment() };
  if (!shared && !keepsStateHere() && !isService() && ownFile === PASSPHRASE_FILE) {
    throw new FaultError([
      `Others may use the backend ${backend()} too, so they must have the passphrase of the stack's secrets: ` +
        "set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE to the one that all of them use.",
    ]);
  }
}

/** What opening a stack needs to know of it. */
interface Found {
  encryptionsalt?: string;
  state?: State;
}

/** Looks for the stack in this machine's backend. */
function findHere(name: string, settings: Settings): Found | undefined {
  if (!isShared(settings)) {
    const encryptionsalt = storedSalt(name);
    return encryptionsalt === undefined ? undefined : { encryptionsalt, state: localState(name) };
  }
  const state = localState(name);
  if (state === undefined) {
    throw new FaultError([
      `Pulumi.${name}.yaml has the salt or secrets provider of a stack whose state is in another backend, and ` +
        `this machine has no stack ${name}. Set PULUMI_BACKEND_URL to that backend, and its passphrase; ` +
        "for a stack of your own, use another name.",
    ]);
  }
  return { state };
}

/** Asks the environment's backend, which keeps the salt beside the state: every checkout with the passphrase finds it. */
async function findInBackend(name: string): Promise<Found | undefined> {
  const project = mkdtempSync(join(tmpdir(), "learning-platform-project-"));
  try {
    writeProject(project);
    const state = await storedState(name, project, engineEnvironment());
    const provider = state?.secrets_providers;
    const salt = provider?.type === "passphrase" ? provider.state?.salt : undefined;
    return state && { encryptionsalt: salt, state };
  } finally {
    rmSync(project, { recursive: true });
  }
}

async function createHere(name: string): Promise<string> {
  await initialize(name);
  const { encryptionsalt } = readSettings(saltFile(name));
  if (!encryptionsalt) {
    throw new FaultError([`The engine created the stack ${name} without a salt for its secrets.`]);
  }
  return encryptionsalt;
}

async function createInBackend(name: string, settings: Settings): Promise<string | undefined> {
  const { encryptionsalt, secretsprovider, encryptedkey } = settings;
  writeProject(STACKS);
  writeFileSync(saltFile(name), stringify({ encryptionsalt, secretsprovider, encryptedkey }));
  await initialize(name);
  const created = readSettings(saltFile(name)).encryptionsalt;
  // Such a file says that the stack is in this machine's backend.
  rmSync(saltFile(name));
  return created;
}

/**
 * Creates the stack. The engine writes the salt of the stack's secrets, unless there is one, into a settings file
 * beside the project, so this runs in a project of its own that git ignores.
 */
async function initialize(name: string): Promise<void> {
  writeProject(STACKS);
  await engine(["stack", "init", name, "--no-select", "--cwd", STACKS]);
}

/** Writes a project of this name into a folder: the engine lists and creates the stacks of the project it runs in. */
export function writeProject(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, "Pulumi.yaml");
  // The engine of another run, which creates another stack, may read it at this moment.
  const part = `${file}.${process.pid}.part`;
  writeFileSync(part, stringify({ name: PROJECT, runtime: "nodejs" }));
  renameSync(part, file);
}

/**
 * Runs a command of the engine for which Automation has no call.
 * @param input what it reads: secrets that no file is to hold
 */
export async function engine(args: string[], input?: string): Promise<void> {
  try {
    await runEngine(args, { env: { ...process.env, ...engineEnvironment() }, input });
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
    removeLocalFiles();
  }
}
