/** Servers of which one is the primary at a time: after a failover it is another one. */
import { setTimeout as sleep } from "node:timers/promises";

import { ErrorReply } from "@redis/client";

import type { RedisLogin } from "../connections";
import { TimeLimitError, withinTime } from "../within-time";
import { closeRedis, connectRedis, type RedisClient, type RedisOptions } from "./connection";
import { parseNodes } from "./node-addresses";

/** What sessions ask of Redis. */
export interface SessionServer {
  /**
   * Acts on the server that takes writes. What it does may happen twice.
   * @param waitMs longest wait, also while no server takes writes
   */
  run<R>(act: (client: RedisClient) => Promise<R>, waitMs: number): Promise<R>;
  close(): Promise<void>;
}

/** Sessions on one server: a lost connection comes back by itself, and what was not sent yet is sent then. */
export function connectOne(login: RedisLogin, options: RedisOptions): SessionServer {
  const client = connectRedis(login, { ...options, waits: true });
  return {
    run: (act, waitMs) => withinTime(act(client), waitMs),
    close: () => closeRedis(client),
  };
}

/** After this time without an answer, the other servers are asked whether one of them is the primary now. */
const ATTEMPT_MS = 1_000;
const ROLE_MS = 500;
const POLL_MS = 50;

/** Sessions on several servers. */
export class PrimaryConnection implements SessionServer {
  private readonly clients: readonly RedisClient[];
  private primary: RedisClient | undefined;

  /** @param nodes host:port of each, with commas between them */
  constructor(login: RedisLogin, nodes: string, options: RedisOptions) {
    this.clients = parseNodes(nodes).map((node) =>
      connectRedis(
        { ...login, ...node },
        // Commands do not wait for a lost connection: another server may be the primary by now.
        { ...options, title: `${options.title} at ${node.host}:${node.port}`, waits: false },
      ),
    );
  }

  public async run<R>(act: (client: RedisClient) => Promise<R>, waitMs: number): Promise<R> {
    const deadline = Date.now() + waitMs;
    for (;;) {
      const client = await this.findPrimary(deadline, waitMs);
      try {
        return await withinTime(
          act(client),
          Math.max(1, Math.min(ATTEMPT_MS, deadline - Date.now())),
        );
      } catch (error) {
        if (!isOfServer(error)) {
          throw error;
        }
        this.primary = undefined;
        if (Date.now() >= deadline) {
          throw error instanceof TimeLimitError ? new TimeLimitError(noAnswer(waitMs)) : error;
        }
        await sleep(POLL_MS);
      }
    }
  }

  public async close(): Promise<void> {
    await Promise.all(this.clients.map((client) => closeRedis(client)));
  }

  private async findPrimary(deadline: number, waitMs: number): Promise<RedisClient> {
    for (;;) {
      if (this.primary?.isReady) {
        return this.primary;
      }
      const ready = this.clients.filter(({ isReady }) => isReady);
      const roles = await Promise.all(ready.map(isPrimary));
      this.primary = ready.find((_, index) => roles[index]);
      if (this.primary === undefined && Date.now() >= deadline) {
        throw new TimeLimitError(noAnswer(waitMs));
      }
      if (this.primary === undefined) {
        await sleep(POLL_MS);
      }
    }
  }
}

const noAnswer = (waitMs: number) => `no primary answered within ${waitMs} ms`;

/** Asks by HELLO: a service may not ask for ROLE or INFO. */
async function isPrimary(client: RedisClient): Promise<boolean> {
  try {
    const reply: unknown = await withinTime(client.sendCommand(["HELLO"]), ROLE_MS);
    // A list of names and values in version 2 of the protocol.
    const role = Array.isArray(reply)
      ? (reply as unknown[])[reply.indexOf("role") + 1]
      : (reply as { role?: unknown }).role;
    return role === "master";
  } catch {
    return false;
  }
}

/** Whether another server may answer better: this one is no primary, or answers nothing. */
const isOfServer = (error: unknown): boolean =>
  !(error instanceof ErrorReply) || /^(READONLY|LOADING|MASTERDOWN)\b/.test(error.message);
