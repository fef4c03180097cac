/** How long to wait before an attempt is repeated. */
import { setTimeout as sleep } from "node:timers/promises";

export interface Backoff {
  /** Wait after the first failure, in milliseconds; it doubles with each further one. */
  firstMs: number;
  /** Longest wait. */
  maxMs: number;
}

/**
 * The wait after a number of failures in a row, from 1. A random half of it keeps many clients that failed at the same
 * moment from coming back at the same moment.
 */
export function delayAfter(failures: number, { firstMs, maxMs }: Backoff, random = Math.random) {
  const full = Math.min(maxMs, firstMs * 2 ** (failures - 1));
  return Math.round(full / 2 + (full / 2) * random());
}

/** Waits, unless the signal ends the wait: it never throws. */
export const pause = (ms: number, signal?: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal }).catch(() => undefined);
