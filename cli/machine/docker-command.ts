/**
 * The only place that runs the docker command. Its contexts decide which engine answers; dockerode (Apache-2.0, well kept)
 * knows no contexts, so that a client of our own would have to read them and their certificates.
 */
import { FaultError } from "../fault";
import { lastLines, type Result, run, type RunOptions } from "./run";

/** Runs docker to its end. The caller judges the exit code. */
export const docker = (args: string[], options?: RunOptions): Promise<Result> =>
  run("docker", args, options);

/**
 * What docker prints.
 * @param what begins the fault
 * @param options `stopBy: "none"` for what must not end halfway when a person stops the command
 * @throws FaultError with its last lines where it fails
 */
export async function dockerOk(what: string, args: string[], options?: RunOptions) {
  const { code, stdout, stderr } = await docker(args, options);
  if (code !== 0) {
    throw new FaultError([`${what}: ${lastLines(stderr || stdout, 3)}`]);
  }
  return stdout.trim();
}

/** The lines that docker prints; none where it fails. */
export const dockerLines = async (args: string[]): Promise<string[]> =>
  (await docker(args)).stdout.split("\n").filter(Boolean);

/**
 * The objects that an `inspect` command prints. An object that does not exist makes the command fail, and is left
 * out of what it prints.
 */
export const dockerObjects = async <T>(args: string[]): Promise<T[]> =>
  JSON.parse((await docker(args)).stdout.trim() || "[]") as T[];
