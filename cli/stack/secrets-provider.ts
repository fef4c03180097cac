import { ENGINE } from "../engine/install";
import { FaultError } from "../fault";
import { lastLines, run } from "../machine/run";

/** pulumi 3.259: pkg/secrets/passphrase/manager.go writes the salt as its state, at `stack init` already. */
export interface StoredProvider {
  type?: string;
  state?: { salt?: string };
}

/**
 * Asks the backend how a stack's secrets are encrypted.
 * @param project folder of a project with the stack's name
 * @returns undefined where the backend has no such stack
 * @throws FaultError where the backend cannot be read
 */
export async function storedProvider(
  name: string,
  project: string,
  env: NodeJS.ProcessEnv,
): Promise<StoredProvider | undefined> {
  const args = ["stack", "export", "--stack", name, "--cwd", project, "--non-interactive"];
  const { code, stdout, stderr } = await run(ENGINE, args, { env: { ...process.env, ...env } });
  if (code !== 0 && /no stack named/.test(stderr)) {
    return undefined;
  }
  if (code !== 0) {
    throw new FaultError([
      `The backend ${process.env.PULUMI_BACKEND_URL} cannot be read: ${lastLines(stderr)}`,
    ]);
  }
  const { deployment } = JSON.parse(stdout) as {
    deployment: { secrets_providers?: StoredProvider } | null;
  };
  return deployment?.secrets_providers ?? {};
}
