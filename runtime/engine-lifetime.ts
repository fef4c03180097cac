/** Ends Pulumi's processes together with the engine that started them. */
import { fstatSync, writeSync } from "node:fs";

/** Codes of errors that mean that the engine is gone: a broken pipe to it, and gRPC's UNAVAILABLE. */
const ENGINE_GONE: readonly unknown[] = ["EPIPE", 14];
const PLUGIN = /[\\/]dynamic-provider[\\/]/;
const EVENTS = ["uncaughtException", "unhandledRejection"] as const;

/** Number of pieces of work that must not be interrupted. */
let running = 0;
let watchesInput = false;
const gone = new AbortController();

/**
 * Ends this process (the program's or the plugin's) if the engine was killed. Pulumi's own handlers report an
 * unhandled error to the engine. Without an engine that fails, which is another unhandled error: the process would
 * loop forever, with growing memory and a migration lock.
 */
export function endWithEngine(): void {
  if (process.listeners("uncaughtException").includes(onUnhandled)) {
    return;
  }
  for (const event of EVENTS) {
    process.on(event, onUnhandled);
  }
}

const isPlugin = () => PLUGIN.test(process.argv[1] ?? "");

/** The same for the module of a provider, when it loads. It has no effect outside of Pulumi's plugin process. */
export function endPluginWithEngine(): void {
  if (!isPlugin()) {
    return;
  }
  endWithEngine();
  // The engine holds the other end of a plugin's standard input.
  if (isPipe(process.stdin.fd) && !watchesInput) {
    watchesInput = true;
    process.stdin.once("end", () => {
      gone.abort();
      exitIfIdle();
    });
    process.stdin.resume();
  }
}

/**
 * Runs work that must not be cut off when the engine disappears. The signal tells the work of that, so that it can
 * stop at the next step where nothing is half done.
 */
export async function uninterrupted<T>(work: (gone: AbortSignal) => Promise<T>): Promise<T> {
  running += 1;
  try {
    return await work(gone.signal);
  } finally {
    running -= 1;
    exitIfIdle();
  }
}

function isPipe(descriptor: number): boolean {
  const status = fstatSync(descriptor);
  return status.isFIFO() || status.isSocket();
}

function exitIfIdle(): void {
  if (gone.signal.aborted && running === 0) {
    process.exit(1);
  }
}

function onUnhandled(error: unknown): void {
  if (ENGINE_GONE.includes((error as { code?: unknown } | undefined)?.code)) {
    exitForEngine(error);
    return;
  }
  if (gone.signal.aborted) {
    exitIfIdle();
    return;
  }
  const hasOtherListener = EVENTS.some((event) => process.listenerCount(event) > 1);
  if (!hasOtherListener) {
    report(error);
  }
  // Pulumi's handler in the program reports the error to the engine, which takes a moment, and makes the process
  // exit with a code other than 0 (cmd/run/index.js of @pulumi/pulumi 3.259.0). The plugin's handler only prints the
  // error and stays (cmd/dynamic-provider/index.js): the call that the error belongs to would never return.
  if (!hasOtherListener || isPlugin()) {
    process.exit(1);
  }
}

function exitForEngine(error: unknown): void {
  if (!gone.signal.aborted) {
    report(error);
  }
  gone.abort();
  exitIfIdle();
  // Work is still running. Any other listener would report this to the engine again and again until it is done.
  for (const event of EVENTS) {
    process.removeAllListeners(event);
    process.on(event, onUnhandled);
  }
}

/** Prints an error, if anything still reads what this process prints. */
function report(error: unknown): void {
  try {
    writeSync(2, `${(error as Error | undefined)?.stack ?? String(error)}\n`);
  } catch {
    // The pipe is closed.
  }
}
