import { fstatSync } from "node:fs";

/** A broken pipe to the engine, and gRPC's UNAVAILABLE. */
const SIGNS: readonly unknown[] = ["EPIPE", 14];
const PLUGIN = /[\\/]dynamic-provider[\\/]/;

let atWork = 0;
const gone = new AbortController();

/**
 * Ends this process, the program's or the plugin's, when the engine was killed. Pulumi's own handlers
 * report an error that nobody handled to the engine, which fails, which is an error that nobody handles:
 * left alone, the process turns in that circle for ever, with growing memory and a migration lock.
 */
export function endWithEngine(): void {
  if (process.listeners("uncaughtException").includes(exitIfGone)) {
    return;
  }
  process.on("uncaughtException", exitIfGone);
  process.on("unhandledRejection", exitIfGone);
  // The engine holds the other end of a plugin's standard input.
  if (PLUGIN.test(process.argv[1] ?? "") && isPipe(process.stdin.fd)) {
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

function exitIfGone(error: unknown): void {
  if (!SIGNS.includes((error as { code?: unknown } | undefined)?.code)) {
    return;
  }
  gone.abort();
  leaveIfIdle();
  // Still at work: whoever else listens would report this to the engine, round and round until it is done.
  for (const event of ["uncaughtException", "unhandledRejection"] as const) {
    process.removeAllListeners(event);
    process.on(event, exitIfGone);
  }
}
