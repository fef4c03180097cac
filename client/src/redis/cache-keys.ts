/**
 * Names and contents of cache entries. A service may not list keys, so that "all entries of a type" cannot be deleted:
 * each entry holds the type's generation, and a new generation makes all older entries worthless.
 */

/** The key of an entry, and that of its type's generation. */
export interface CacheKeys {
  generation: string;
  entry(key: string): string;
}

export const cacheKeys = (prefix: string, type: string): CacheKeys => ({
  generation: `${prefix}cache-generation:${type}`,
  entry: (key) => `${prefix}cache:${type}:${key}`,
});

/** In place of an entry: it was invalidated a moment ago, and a load that began before must not store its result. */
export const TOMBSTONE = "invalidated";

/** Generation and value as stored. @throws TypeError if the value has no JSON */
export function encodeEntry(generation: string, value: unknown): string {
  const json = JSON.stringify(value) as string | undefined;
  if (json === undefined) {
    throw new TypeError("a value without JSON cannot be cached");
  }
  return `${generation} ${json}`;
}

/** The value; undefined if the entry is missing, of another generation or no entry. @throws SyntaxError if it is damaged */
export function decodeEntry(
  entry: string | null,
  generation: string,
): { value: unknown } | undefined {
  const start = `${generation} `;
  return entry?.startsWith(start) ? { value: JSON.parse(entry.slice(start.length)) } : undefined;
}

/**
 * Time to live in milliseconds. A random tenth more or less keeps entries that were stored together from expiring
 * together.
 */
export const timeToLiveMs = (seconds: number, random = Math.random): number =>
  Math.round(seconds * 1_000 * (0.9 + 0.2 * random()));

/**
 * Stores an entry, unless a tombstone is there. KEYS: the entry. ARGV: the entry's text, time to live in ms, the
 * tombstone. Redis runs a script as one step, so that no invalidation comes between the look and the write.
 */
export const STORE_SCRIPT = `
if redis.call("get", KEYS[1]) == ARGV[3] then return 0 end
redis.call("set", KEYS[1], ARGV[1], "PX", ARGV[2])
return 1
`.trim();
