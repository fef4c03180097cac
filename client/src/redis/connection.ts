/** One connection to a Redis server, which comes back by itself. */
import { createClient } from "@redis/client";

import { type Backoff, delayAfter } from "../backoff";
import type { RedisLogin } from "../connections";
import { type Log, reasonOf } from "../log";
import { tlsOptions } from "../tls";

export interface RedisOptions {
  /** Authorities to trust, as PEM. */
  trustedCertificates?: string;
  /** What the server is for, in messages. */
  title: string;
  log: Log;
  /** Whether commands wait for a lost connection to come back; otherwise they fail at once. */
  waits: boolean;
}

export type RedisClient = ReturnType<typeof connectRedis>;

export const BACKOFF: Backoff = { firstMs: 50, maxMs: 2_000 };

/** A connection on which the server is silent, although it is asked, is given up after this time. */
const SILENCE_LIMIT_MS = 10_000;

/**
 * Connects in the background, and again whenever the connection is lost. Commands of all callers share the one
 * connection, which sends them without waiting for the answer to the one before: the sizes of a pool are for clients
 * whose connections do one command at a time.
 */
export function connectRedis(login: RedisLogin, options: RedisOptions) {
  const { host, port, username, password, pool } = login;
  const { title, log, waits } = options;
  const { socket, pingInterval } = socketOptions(login, options);
  const client = createClient({
    ...{ username, password },
    disableOfflineQueue: !waits,
    pingInterval,
    // Limits the wait for a connection; one that is there has socketTimeout.
    commandOptions: { timeout: pool.maxWaitMs },
    socket: { host, port, ...socket, ...("tls" in socket ? { servername: host } : {}) },
  });
  // Each failed attempt reports an error: one message for each outage is enough.
  let isReported = false;
  client.on("error", (error: unknown) => {
    if (!isReported) {
      isReported = true;
      log.warn(`${title}: connection lost, trying again: ${reasonOf(error)}`);
    }
  });
  client.on("ready", () => {
    if (isReported) {
      isReported = false;
      log.warn(`${title}: connected again`);
    }
  });
  // Rejects only if the client is closed before it is connected.
  client.connect().catch(() => undefined);
  return client;
}

/** How each connection to the servers of a login is made, and watched. */
export function socketOptions(
  { url, pool }: Pick<RedisLogin, "url" | "pool">,
  { trustedCertificates }: Pick<RedisOptions, "trustedCertificates">,
) {
  const socket = {
    connectTimeout: pool.maxWaitMs,
    socketTimeout: SILENCE_LIMIT_MS,
    reconnectStrategy: (retries: number) => delayAfter(retries + 1, BACKOFF),
  };
  const encryption = { tls: true as const, ...tlsOptions(trustedCertificates) };
  return {
    pingInterval: SILENCE_LIMIT_MS / 3,
    socket: url.startsWith("rediss:") ? { ...socket, ...encryption } : socket,
  };
}

/** Waits for the answers to what was sent, where the server is there, and closes the connection. */
export async function closeRedis(client: RedisClient): Promise<void> {
  if (client.isReady) {
    await client.close();
  } else if (client.isOpen) {
    client.destroy();
  }
}
