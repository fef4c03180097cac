import { fstatSync, writeSync } from "node:fs";

/** A broken pipe to the engine, and gRPC's UNAVAILABLE. */
const SIGNS: readonly unknown[] = ["EPIPE", 14];
const PLUGIN = /[\\/]dynamic-provider[\\/]/;
const EVENTS = ["uncaughtException", "unhandledRejection"] as const;

let atWork = 0;
let watchesInput = false;
const gone = new AbortController();

/**
 * Ends this process, the program's or the plugin's, when the engine was killed. Pulumi's own handlers
 * report an error that nobody handled to the engine, which fails, which is an error that nobody handles:
 * left alone, the process turns in that circle for ever, with growing memory and a migration lock.
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

/** The same for a provider's module as it loads: without effect where it is not Pulumi's plugin that loads it. */
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
      leaveIfIdle();
    });
    process.stdin.resume();
  }
}

/**
 * Work that is not to be cut off when the engine is gone meanwhile. It hears of that by the signal, and
 * can end at the next step where nothing is half done.
 */
export async function finished<T>(work: (gone: AbortSignal) => Promise<T>): Promise<T> {
  atWork += 1;
  try {
    return await work(gone.signal);
  } finally {
    atWork -= 1;
    leaveIfIdle();
  }
}

function isPipe(descriptor: number): boolean {
  const status = fstatSync(descriptor);
  return status.isFIFO() || status.isSocket();
}

function leaveIfIdle(): void {
  if (gone.signal.aborted && atWork === 0) {
    process.exit(1);
  }
}

function onUnhandled(error: unknown): void {
  if (SIGNS.includes((error as { code?: unknown } | undefined)?.code)) {
    exitForEngine(error);
    return;
  }
  if (gone.signal.aborted) {
    leaveIfIdle();
    return;
  }
  const listens = EVENTS.some((event) => process.listenerCount(event) > 1);
  if (!listens) {
    tell(error);
  }
  // Pulumi's handler in the program reports the error to the engine, which takes a moment, and has the process
  // end with a code that is not 0 (cmd/run/index.js of @pulumi/pulumi 3.259.0). The plugin's only prints it and
  // stays (cmd/dynamic-provider/index.js): the call that it belonged to would never end.
  if (!listens || isPlugin()) {
    process.exit(1);
  }
}

function exitForEngine(error: unknown): void {
  if (!gone.signal.aborted) {
    tell(error);
  }
  gone.abort();
  leaveIfIdle();
  // Still at work: whoever else listens would report this to the engine, round and round until it is done.
  for (const event of EVENTS) {
    process.removeAllListeners(event);
    process.on(event, onUnhandled);
  }
}

/** Where nobody reads any more there is nobody to tell. */
function tell(error: unknown): void {
  try {
    writeSync(2, `${(error as Error | undefined)?.stack ?? String(error)}\n`);
  } catch {
    // As good as told.
  }
}
