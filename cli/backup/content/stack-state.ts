/** The stack's state with its secrets in clear, and what opens it. It exists encrypted only, and in this process. */
import { existsSync, readFileSync } from "node:fs";

import { engineEnvironment } from "../../engine/environment";
import { FaultError } from "../../fault";
import { inspectObject } from "../../machine/docker";
import { writePrivateFile } from "../../machine/private-file";
import { PASSPHRASE_FILE } from "../../paths";
import { DOCKER_KINDS } from "../../stack/recovery-plan";
import { engine, type OpenStack } from "../../stack/stack";
import { seedOf, type SeedResource } from "./seed";

interface Deployment {
  secrets_providers?: unknown;
  resources?: SeedResource[];
}

export interface StoredState {
  /** As `pulumi stack export --show-secrets` prints it. */
  exported: { version: number; deployment: Deployment };
  /** Opens the secrets in the settings file of the stack; absent where Pulumi's service or a key service does. */
  passphrase?: string;
}

/** @throws FaultError where the engine cannot export the state */
export async function readStoredState({ stack }: OpenStack): Promise<StoredState> {
  const exported = (await stack.exportStack()) as StoredState["exported"];
  const passphrase = readPassphrase();
  return { exported, ...(passphrase === undefined ? {} : { passphrase }) };
}

function readPassphrase(): string | undefined {
  const { PULUMI_CONFIG_PASSPHRASE, PULUMI_CONFIG_PASSPHRASE_FILE } = {
    ...process.env,
    ...engineEnvironment(),
  };
  if (PULUMI_CONFIG_PASSPHRASE !== undefined) {
    return PULUMI_CONFIG_PASSPHRASE;
  }
  const file = PULUMI_CONFIG_PASSPHRASE_FILE ?? "";
  return existsSync(file) ? readFileSync(file, "utf8").trimEnd() : undefined;
}

/** @throws FaultError where the text is no state of this stack */
export function parseStoredState(text: string, stack: string): StoredState {
  try {
    const state = JSON.parse(text) as StoredState;
    const resources = state.exported.deployment.resources ?? [];
    if (
      resources.length > 0 &&
      resources.every(({ urn }) => urn.startsWith(`urn:pulumi:${stack}::`))
    ) {
      return state;
    }
  } catch {
    // The message below says so.
  }
  throw new FaultError([`The backup has no whole state of stack ${stack}.`]);
}

/**
 * Writes the passphrase that a lost machine had, where this one has none and the environment names none: it opens the
 * secrets in the settings file of the stack.
 */
export function restorePassphrase({ passphrase }: StoredState): void {
  const isOurs = engineEnvironment().PULUMI_CONFIG_PASSPHRASE_FILE === PASSPHRASE_FILE;
  if (passphrase !== undefined && isOurs && !existsSync(PASSPHRASE_FILE)) {
    writePrivateFile(PASSPHRASE_FILE, `${passphrase}\n`);
  }
}

/**
 * Refuses to begin a stack anew while something of it is still in Docker.
 * @throws FaultError with the names
 */
export async function refuseLeftovers({ exported }: StoredState, stack: string): Promise<void> {
  const inDocker = (exported.deployment.resources ?? []).filter(({ type }) => type in DOCKER_KINDS);
  const found = await Promise.all(
    inDocker.map(({ type, inputs = {} }) => inspectObject(DOCKER_KINDS[type], String(inputs.name))),
  );
  const names = found.flatMap((object) => object?.name ?? []);
  if (names.length > 0) {
    throw new FaultError([
      `Stack ${stack} has no state here, but Docker still has ${names.join(", ")}. ` +
        "Remove what you do not need, or work in the checkout that has the stack's state.",
    ]);
  }
}

/**
 * Gives a new stack what of the old state still holds: its passwords and certificates, and what is on servers that exist.
 * The engine encrypts the secrets with the new stack's own key.
 */
export async function seedState({ stack }: OpenStack, { exported }: StoredState): Promise<void> {
  const own = (await stack.exportStack()).deployment as Deployment | null;
  const deployment = {
    ...exported.deployment,
    // That of the backup has the old salt, which only the old passphrase opens.
    secrets_providers: own?.secrets_providers,
    // What a killed run was making then is no longer there.
    pending_operations: undefined,
    resources: seedOf(exported.deployment.resources ?? []),
  };
  await engine(
    ["stack", "import", "--stack", stack.name],
    JSON.stringify({ ...exported, deployment }),
  );
}
