/** Sessions of users in the Redis server that keeps what it has. Unlike the cache, it has no source to read from. */
import { randomBytes } from "node:crypto";

import type { RedisClient } from "./connection";
import type { SessionServer } from "./primary";

export interface SessionsOptions {
  /** Start of every key that the service may use. */
  keyPrefix: string;
  /** How long a session lives after it was last used. */
  ttlSeconds: number;
  /** Longest wait for an answer in milliseconds, also while the connection is being restored. */
  waitMs: number;
}

/** @typeParam T what JSON gives back as it was: no Date, Map or undefined */
export class Sessions<T> {
  constructor(
    private readonly server: SessionServer,
    private readonly options: SessionsOptions,
  ) {}

  /**
   * Starts a session.
   * @returns its id: 256 random bits, fit for a cookie
   */
  public async create(data: T): Promise<string> {
    const id = randomBytes(32).toString("base64url");
    await this.save(id, data);
    return id;
  }

  /** The data of a session, which lives on from now; undefined if it has ended or never was. */
  public async read(id: string): Promise<T | undefined> {
    const json = await this.run((redis) =>
      redis.getEx(this.keyOf(id), { type: "EX", value: this.options.ttlSeconds }),
    );
    return json === null ? undefined : (JSON.parse(json) as T);
  }

  /** Replaces the data of a session, which lives on from now. */
  public async save(id: string, data: T): Promise<void> {
    await this.run((redis) =>
      redis.set(this.keyOf(id), JSON.stringify(data), {
        expiration: { type: "EX", value: this.options.ttlSeconds },
      }),
    );
  }

  /** Ends a session, whether it still lives or not. */
  public async end(id: string): Promise<void> {
    await this.run((redis) => redis.del(this.keyOf(id)));
  }

  private keyOf(id: string): string {
    return `${this.options.keyPrefix}session:${id}`;
  }

  private run<R>(act: (redis: RedisClient) => Promise<R>): Promise<R> {
    return this.server.run(act, this.options.waitMs);
  }
}
