import { constants } from "node:os";

import { FaultError } from "../fault";

/** Ctrl-C, the end of a terminal, and what `timeout`, `docker stop` and a CI's cancel send. */
const SIGNALS = ["SIGINT", "SIGHUP", "SIGTERM"] as const;

/** npm hands on what a terminal has sent already: two signals within this are one wish. */
const ONE_WISH_MS = 1_000;

const PARENT_POLL_MS = 500;

const controller = new AbortController();

/** Aborts at the first signal; its reason is the signal's name. */
export const stopping = controller.signal;

/** @throws FaultError once a signal has come: no further step begins */
export function throwIfStopped(): void {
  if (stopping.aborted) {
    throw new FaultError([`Stopped by ${stopping.reason}.`]);
  }
}

/** Exit code of a process that a signal has ended, by the shells' custom. */
export const codeOf = (signal: NodeJS.Signals) => 128 + constants.signals[signal];

/**
 * Has every signal that asks this process to end stop the run in good order: the engine ends its running steps
 * and frees the stack. A second signal ends everything at once.
 * @param endAtOnce kills whatever runs
 */
export function stopOnSignals(endAtOnce: () => void): void {
  let since = 0;
  const stop = (signal: NodeJS.Signals) => {
    if (!stopping.aborted) {
      since = Date.now();
      console.error(
        `\n${signal}: stopping when the running steps have ended; once more stops at once.`,
      );
      controller.abort(signal);
    } else if (Date.now() - since > ONE_WISH_MS) {
      endAtOnce();
      process.exit(codeOf(signal));
    }
  };
  SIGNALS.forEach((signal) => process.on(signal, () => stop(signal)));
  stopWithNpm(() => stop("SIGTERM"));
  // A closed terminal takes no more lines; the steps are ended all the same.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", () => undefined);
  }
}

/**
 * A SIGTERM to npm alone ends the shell that npm runs a script by, which does not hand it on (@npmcli/run-script
 * signal-manager.js): that this process has lost its parent is all that it learns of it.
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
