/** One connection to a Redis server, which comes back by itself. */
import { createClient, ErrorReply } from "@redis/client";

import { type Backoff, delayAfter } from "../backoff";
import type { RedisLogin } from "../connections";
import { type Log, reasonOf } from "../log";
import { tlsOptions } from "../tls";
import { withinTime } from "../within-time";

export interface RedisOptions {
  /** Authorities to trust, as PEM. */
  trustedCertificates?: string;
  /** What the server is for, in messages. */
  title: string;
  log: Log;
  /** Whether commands wait for a lost connection to come back; otherwise they fail at once. */
  waits: boolean;
  /** A connection on which the server is silent for this time, although it is asked, is given up. @default 10 s */
  silenceLimitMs?: number;
}

export type RedisClient = ReturnType<typeof connectRedis>;

export const BACKOFF: Backoff = { firstMs: 50, maxMs: 2_000 };

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
  giveUpSilent(client, options);
  return client;
}

/** What it needs of a client. */
interface Watched {
  readonly isOpen: boolean;
  readonly isReady: boolean;
  on(event: "ready" | "ping-interval", listener: () => void): unknown;
  on(event: "error", listener: (error: unknown) => void): unknown;
  connect(): Promise<unknown>;
  destroy(): void;
}

/** How often it is looked whether a server is silent, within the time that it may be. */
const LOOKS = 10;

/**
 * Connects again where the server has answered no PING for too long. The socket's own limit does not see it while commands are
 * sent: each one that is written counts as life (Node.js, socket.setTimeout). It counts looks and not the time, in which this
 * process may have stood still.
 */
function giveUpSilent(
  client: Watched,
  { title, log, silenceLimitMs = SILENCE_LIMIT_MS }: RedisOptions,
): void {
  let silentLooks = 0;
  const heard = () => (silentLooks = 0);
  client.on("ready", heard);
  client.on("ping-interval", heard);
  // A server that refuses PING is there: one that cannot write its snapshot does (MISCONF).
  client.on("error", (error) => error instanceof ErrorReply && heard());
  const watch = setInterval(() => {
    if (!client.isOpen) {
      clearInterval(watch);
    } else if (client.isReady) {
      silentLooks += 1;
      if (silentLooks > LOOKS) {
        heard();
        log.warn(`${title}: no answer for ${silenceLimitMs} ms, connecting again`);
        client.destroy();
        client.connect().catch(() => undefined);
      }
    }
  }, silenceLimitMs / LOOKS).unref();
}

/** How each connection to the servers of a login is made, and watched. */
export function socketOptions(
  { url, pool }: Pick<RedisLogin, "url" | "pool">,
  {
    trustedCertificates,
    silenceLimitMs = SILENCE_LIMIT_MS,
  }: Pick<RedisOptions, "trustedCertificates" | "silenceLimitMs">,
) {
  const socket = {
    connectTimeout: pool.maxWaitMs,
    socketTimeout: silenceLimitMs,
    reconnectStrategy: (retries: number) => delayAfter(retries + 1, BACKOFF),
  };
  const encryption = { tls: true as const, ...tlsOptions(trustedCertificates) };
  return {
    pingInterval: silenceLimitMs / 3,
    socket: url.startsWith("rediss:") ? { ...socket, ...encryption } : socket,
  };
}

/** Longest wait for the answers to what was sent. */
const CLOSE_LIMIT_MS = 5_000;

/**
 * Waits for the answers to what was sent, where the server is there, and closes the connection. A wait without a limit might
 * never end: a connection that is lost meanwhile says nothing (@redis/client 6.3.1, dist/lib/client/socket.js).
 */
export async function closeRedis(
  client: Pick<RedisClient, "isReady" | "isOpen" | "close" | "destroy">,
  limitMs = CLOSE_LIMIT_MS,
): Promise<void> {
  if (client.isReady) {
    await withinTime(Promise.resolve(client.close()), limitMs).catch(() => client.destroy());
  } else if (client.isOpen) {
    client.destroy();
  }
}
