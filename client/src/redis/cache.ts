/** A cache of one type of data, which reads through to its source. Losing Redis makes reads slower, and fails none. */
import { randomUUID } from "node:crypto";

import { ClientOfflineError } from "@redis/client";

import type { PlatformEvent } from "../events/envelope";
import { type Log, reasonOf } from "../log";
import { withinTime } from "../within-time";
import { forEachOf } from "./bounded";
import {
  type CacheKeys,
  cacheKeys,
  decodeEntry,
  encodeEntry,
  STORE_SCRIPT,
  timeToLiveMs,
  TOMBSTONE,
} from "./cache-keys";
import type { CacheServer } from "./cache-server";

export interface CacheStatistics {
  /** Reads that found a value. */
  hits: number;
  /** Reads that found none, also because the cache did not answer. */
  misses: number;
  /** Calls of a load function: fewer than misses where reads of one key shared one. */
  loads: number;
  /** Commands that failed or took too long, and entries that could not be read. */
  errors: number;
}

export interface CacheOptions {
  /** Start of every key that the service may use. */
  keyPrefix: string;
  type: string;
  ttlSeconds: number;
  /** Longest wait for Redis in milliseconds, after which a read goes to its source. */
  readLimitMs: number;
  log: Log;
}

/** Reads the value of a key from its source; undefined if there is none, which is not cached. */
export type Load<T> = (key: string) => Promise<T | undefined>;

/** After a command took too long, the cache is left alone for this time. */
const BYPASS_MS = 1_000;

/** What a load read is stored if the load took less than this; a tombstone outlives it and the command that stores. */
const LONGEST_LOAD_MS = 4_000;

/** Keys that wait for their invalidation; where it would be more, the whole type does. */
const MOST_PENDING = 1_000;

const WARM_CONCURRENCY = 8;

/** @typeParam T what JSON gives back as it was: no Date, Map or undefined */
export class Cache<T> {
  private readonly keys: CacheKeys;
  private readonly counts: CacheStatistics = { hits: 0, misses: 0, loads: 0, errors: 0 };
  private readonly loading = new Map<string, { loaded: Promise<T | undefined>; began: number }>();
  /** What could not be invalidated while the server was away; `true` stands for the whole type. */
  private readonly pending = new Set<string | true>();
  private bypassUntil = 0;
  private retry: NodeJS.Timeout | undefined;

  constructor(
    private readonly redis: CacheServer,
    private readonly options: CacheOptions,
  ) {
    this.keys = cacheKeys(options.keyPrefix, options.type);
    redis.onReady(() => void this.invalidatePending());
  }

  /**
   * Reads a value, from its source where the cache has none. Reads of the same key at the same time share one load.
   * @throws what the load throws, and nothing else
   */
  public async get(key: string, load: Load<T>): Promise<T | undefined> {
    const found = await this.find(key);
    if (found.value !== undefined) {
      this.counts.hits += 1;
      return found.value;
    }
    this.counts.misses += 1;
    return this.loadOnce(key, found.generation, load);
  }

  /**
   * Makes the next read of these keys load them: call it when the source has changed. Loads that are under way do not
   * store what they read. If Redis is away, reads by this process bypass the entries until it is back.
   */
  public async invalidate(...keys: string[]): Promise<void> {
    for (const key of keys) {
      this.loading.delete(key);
    }
    await Promise.all(keys.map((key) => this.invalidateOne(key)));
  }

  /** Makes the next read of each key of this type load it. */
  public async invalidateAll(): Promise<void> {
    this.loading.clear();
    await this.invalidateOne(true);
  }

  /**
   * Handlers for a consumer that invalidate on events: `consumer.on(users.invalidating({ "user.updated.v1": ... }))`.
   * @param keysOf the keys that an event of each type concerns, or "all"
   */
  public invalidating<E = PlatformEvent>(
    keysOf: Readonly<Record<string, (event: E) => string | string[] | "all">>,
  ): Record<string, (event: E) => Promise<void>> {
    const handler = (of: (event: E) => string | string[]) => async (event: E) => {
      const keys = of(event);
      await (keys === "all" ? this.invalidateAll() : this.invalidate(...[keys].flat()));
    };
    return Object.fromEntries(Object.entries(keysOf).map(([type, of]) => [type, handler(of)]));
  }

  /**
   * Reads the values of many keys, so that they are there when they are asked for.
   * @param concurrency loads at a time. @default 8
   * @throws the first error of a load, when the loads that had begun have ended
   */
  public async warm(
    keys: Iterable<string> | AsyncIterable<string>,
    load: Load<T>,
    { concurrency = WARM_CONCURRENCY } = {},
  ): Promise<void> {
    await forEachOf(keys, concurrency, async (key) => void (await this.get(key, load)));
  }

  /**
   * Stores values that are at hand already, such as the rows of a query. One that changes between the query and its
   * storing may stay as it was for its time to live, so that a long list is better warmed.
   * @param concurrency writes at a time. @default 8
   */
  public async fill(
    entries: Iterable<readonly [string, T]> | AsyncIterable<readonly [string, T]>,
    { concurrency = WARM_CONCURRENCY } = {},
  ): Promise<void> {
    const generation = await this.attempt((redis) => this.readGeneration(redis));
    await forEachOf(entries, concurrency, ([key, value]) => this.store(key, generation, value));
  }

  /** What happened since the process started. */
  public statistics(): Readonly<CacheStatistics> {
    return { ...this.counts };
  }

  /** Both in one round trip. Without a generation there is no entry of it either. */
  private async find(key: string): Promise<{ value?: T; generation?: string }> {
    await this.invalidatePending();
    if (this.pending.has(true) || this.pending.has(key)) {
      return {};
    }
    const found = await this.attempt(async (redis) => {
      const [generation, entry] = await Promise.all([
        redis.get(this.keys.generation),
        redis.get(this.keys.entry(key)),
      ]);
      const known = generation ?? (await this.readGeneration(redis));
      return { generation: known, entry };
    });
    if (found === undefined) {
      return {};
    }
    const { generation, entry } = found;
    try {
      return { generation, value: decodeEntry(entry, generation)?.value as T | undefined };
    } catch (error) {
      this.countError(error);
      return { generation };
    }
  }

  private loadOnce(key: string, generation: string | undefined, load: Load<T>) {
    const running = this.loading.get(key);
    const began = Date.now();
    // One that hangs, on a connection that was cut without a sign, must not keep all later readers.
    if (running !== undefined && began - running.began < LONGEST_LOAD_MS) {
      return running.loaded;
    }
    this.counts.loads += 1;
    const loaded = Promise.resolve()
      .then(() => load(key))
      .then(async (value) => {
        // An invalidation in the meantime has taken it from the list: what was read may be old.
        const isCurrent =
          this.loading.get(key)?.loaded === loaded && Date.now() - began < LONGEST_LOAD_MS;
        if (value !== undefined && isCurrent) {
          await this.store(key, generation, value);
        }
        return value;
      })
      .finally(() => {
        if (this.loading.get(key)?.loaded === loaded) {
          this.loading.delete(key);
        }
      });
    this.loading.set(key, { loaded, began });
    return loaded;
  }

  /** @param generation when the load began: undefined if the cache did not answer then */
  private async store(key: string, generation: string | undefined, value: T): Promise<void> {
    if (generation === undefined || this.pending.has(key)) {
      return;
    }
    const ttl = timeToLiveMs(this.options.ttlSeconds);
    await this.attempt((redis) =>
      redis.eval(STORE_SCRIPT, {
        keys: [this.keys.entry(key)],
        arguments: [encodeEntry(generation, value), String(ttl), TOMBSTONE],
      }),
    );
  }

  /** The generation; a new one where the server has none, because it is new or has evicted it. */
  private async readGeneration(redis: CacheServer): Promise<string> {
    const fresh = randomUUID();
    const found = await redis.set(this.keys.generation, fresh, { condition: "NX", GET: true });
    return found ?? fresh;
  }

  private async invalidateOne(key: string | true): Promise<void> {
    if (this.pending.size >= MOST_PENDING) {
      this.pending.clear();
      this.pending.add(true);
    }
    this.pending.add(key);
    const done = await this.attempt((redis) => this.sendInvalidation(redis, key));
    if (done === undefined) {
      this.invalidateLater();
    } else {
      this.pending.delete(key);
    }
  }

  /** A process that only invalidates has no later read that would send it. */
  private invalidateLater(): void {
    this.retry ??= setTimeout(() => {
      this.retry = undefined;
      if (this.pending.size > 0) {
        this.invalidateLater();
        void this.invalidatePending();
      }
    }, BYPASS_MS).unref();
  }

  private sendInvalidation(redis: CacheServer, key: string | true): Promise<unknown> {
    return key === true
      ? redis.set(this.keys.generation, randomUUID())
      : redis.set(this.keys.entry(key), TOMBSTONE, {
          expiration: { type: "PX", value: LONGEST_LOAD_MS + 2 * this.options.readLimitMs },
        });
  }

  private async invalidatePending(): Promise<void> {
    if (!this.answers()) {
      return;
    }
    await Promise.all([...this.pending].map((key) => this.invalidateOne(key)));
  }

  /** @returns undefined if Redis does not answer in time, or with an error */
  private async attempt<R>(act: (redis: CacheServer) => Promise<R>): Promise<R | undefined> {
    if (!this.answers()) {
      this.counts.errors += 1;
      return undefined;
    }
    try {
      return await withinTime(act(this.redis), this.options.readLimitMs, () => {
        this.bypassUntil = Date.now() + BYPASS_MS;
      });
    } catch (error) {
      this.countError(error);
      return undefined;
    }
  }

  private answers(): boolean {
    return this.redis.isReady && Date.now() >= this.bypassUntil;
  }

  private countError(error: unknown): void {
    this.counts.errors += 1;
    // The connection itself reports that it is lost, and once for all caches.
    if (this.redis.isReady && !(error instanceof ClientOfflineError)) {
      this.options.log.warn(`cache ${this.options.type}: ${reasonOf(error)}`);
    }
  }
}
