import { lastLines, type Result, run } from "../machine/run";
import { ENGINE } from "./install";
import { endLanguageHosts } from "./language-hosts";

/** A run of the engine that failed. */
export class EngineError extends Error {
  /** Everything that it printed. */
  public readonly output: string;

  constructor(args: string[], { code, signal, stdout, stderr }: Result) {
    const command = `pulumi ${args.slice(0, 3).join(" ")}`;
    super(
      signal
        ? `The engine was killed (${signal}, ${command}). Run the command again; it continues where this one stopped.`
        : `${command} failed (exit code ${code}): ${lastLines(stderr.trim() || stdout)}`,
    );
    this.output = `${stdout}\n${stderr}`;
  }
}

/** Operations that a signal may cancel: the engine ends their running steps gracefully. */
const CANCELLABLE = new Set(["up", "preview", "refresh", "destroy"]);

/**
 * Runs the engine in a process group of its own. Ctrl-C in a terminal and the SIGTERM of `timeout` reach the whole group
 * of a command, but the engine must get only one signal: at the second it gives up at once (pulumi 3.259.0
 * pkg/backend/cancellation_scope.go). It does not handle SIGHUP.
 * @throws EngineError where it fails
 */
export async function runEngine(
  args: string[],
  options: { cwd?: string; env: NodeJS.ProcessEnv; input?: string },
): Promise<Result> {
  const all = args.includes("--non-interactive") ? args : [...args, "--non-interactive"];
  const stopBy = CANCELLABLE.has(args[0]) ? "SIGINT" : "none";
  let session = 0;
  const onStart = (pid: number) => (session = pid);
  const result = await run(ENGINE, all, { ...options, stopBy, ownGroup: true, onStart });
  if (result.signal) {
    endLanguageHosts(session);
  }
  if (result.code !== 0) {
    throw new EngineError(args, result);
  }
  return result;
}
