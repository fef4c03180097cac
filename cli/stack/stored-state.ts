import { ENGINE } from "../engine/install";
import { FaultError } from "../fault";
import { lastLines, run } from "../machine/run";
import type { State } from "./local-state";

/**
 * Asks the backend for the state of a stack, with its secrets encrypted.
 * @param project folder of a project with the stack's name
 * @returns undefined where the backend has no such stack
 * @throws FaultError where the backend cannot be read
 */
export async function storedState(
  name: string,
  project: string,
  env: NodeJS.ProcessEnv,
): Promise<State | undefined> {
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
  const { deployment } = JSON.parse(stdout) as { deployment: State | null };
  return deployment ?? {};
}
