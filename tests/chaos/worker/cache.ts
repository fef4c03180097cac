import { randomUUID } from "node:crypto";

import type { Cache } from "../../../client/src";
import { type Activity, WrongAnswerError } from "./activity";

/** Reads of a value between two changes of it. */
const READS = 4;

/**
 * Changes a value, invalidates it, and reads it several times through the cache. A read must neither fail nor give what
 * was there before, whatever the server does.
 */
export function readThroughCache(cache: Cache<unknown>, activity: Activity): void {
  const key = randomUUID();
  let version = 0;
  let reads = 0;
  activity.repeat("cache", async () => {
    reads += 1;
    if (reads % READS === 0) {
      version += 1;
      await cache.invalidate(key);
    }
    const found = await cache.get(key, async () => ({ version }));
    if ((found as { version: number } | undefined)?.version !== version) {
      throw new WrongAnswerError(`read ${JSON.stringify(found)} in place of version ${version}`);
    }
    return {};
  });
}
