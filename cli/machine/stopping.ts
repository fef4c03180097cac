import { constants } from "node:os";

import { FaultError } from "../fault";

/** Signals of Ctrl-C, of a closed terminal, and of `timeout`, `docker stop` and a cancelled CI job. */
const SIGNALS = ["SIGINT", "SIGHUP", "SIGTERM"] as const;

/** npm passes on a signal that the terminal has sent already: two signals within this time are one request. */
const ONE_REQUEST_MS = 1_000;

const PARENT_POLL_MS = 500;

const controller = new AbortController();

/** Aborts at the first signal; the reason is the signal's name. */
export const stopping = controller.signal;

/** @throws FaultError after a signal, so that no further step begins */
export function throwIfStopped(): void {
  if (stopping.aborted) {
    throw new FaultError([`Stopped by ${stopping.reason}.`]);
  }
}

let isLeft = false;

/** From now on, signals are the business of a program that shares this process's terminal. */
export const leaveSignals = () => void (isLeft = true);

/** Exit code of a process that a signal ended, as shells report it. */
export const codeOf = (signal: NodeJS.Signals) => 128 + constants.signals[signal];

/**
 * Makes each of these signals stop the run gracefully: the engine ends its running steps and releases the stack. A
 * second signal ends everything at once.
 * @param endAtOnce kills all running commands
 */
export function stopOnSignals(endAtOnce: () => void): void {
  let since = 0;
  const stop = (signal: NodeJS.Signals) => {
    if (isLeft) {
      return;
    }
    if (!stopping.aborted) {
      since = Date.now();
      console.error(
        `\n${signal}: stopping once the running steps have ended; a second signal stops at once.`,
      );
      controller.abort(signal);
    } else if (Date.now() - since > ONE_REQUEST_MS) {
      endAtOnce();
      process.exit(codeOf(signal));
    }
  };
  SIGNALS.forEach((signal) => process.on(signal, () => stop(signal)));
  stopWithNpm(() => stop("SIGTERM"));
  // A closed terminal accepts no more lines, but the steps must still end.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", () => undefined);
  }
}

/**
 * A SIGTERM to npm alone ends the shell that npm starts for a script, and the shell does not pass it on
 * (@npmcli/run-script signal-manager.js). This process only notices that it has lost its parent.
 */
function stopWithNpm(stop: () => void): void {
  const parent = process.ppid;
  const isScript = process.env.npm_lifecycle_event !== undefined && process.platform !== "win32";
  const watch = setInterval(() => {
    if (isScript && process.ppid !== parent) {
      clearInterval(watch);
      stop();
    }
  }, PARENT_POLL_MS).unref();
}
