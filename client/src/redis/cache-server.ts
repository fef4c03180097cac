/** What a cache asks of Redis, be it one server or a cluster. */
import type { RedisLogin } from "../connections";
import { closeRedis, connectRedis, type RedisClient, type RedisOptions } from "./connection";

export interface CacheServer extends Pick<RedisClient, "get" | "set" | "eval"> {
  /** Whether commands can be sent. */
  readonly isReady: boolean;
  /** Calls back whenever a connection is there, or is there again. */
  onReady(listener: () => void): void;
  close(): Promise<void>;
}

/** A cache on one server. */
export function connectCache(login: RedisLogin, options: RedisOptions): CacheServer {
  const client = connectRedis(login, options);
  return {
    get isReady() {
      return client.isReady;
    },
    get: client.get.bind(client),
    set: client.set.bind(client),
    eval: client.eval.bind(client),
    onReady: (listener) => void client.on("ready", listener),
    close: () => closeRedis(client),
  };
}
