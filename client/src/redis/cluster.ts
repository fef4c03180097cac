/** Connections to the nodes of a Redis Cluster, which come back by themselves. */
import { setTimeout as sleep } from "node:timers/promises";

import { createCluster } from "@redis/client";

import { delayAfter } from "../backoff";
import type { CacheConnection } from "../connections";
import { reasonOf } from "../log";
import type { CacheServer } from "./cache-server";
import { BACKOFF, closeRedis, type RedisOptions, socketOptions } from "./connection";
import { addressMap, parseNodes } from "./node-addresses";

type Cluster = ReturnType<typeof createClusterClient>;

function createClusterClient(
  login: CacheConnection,
  cluster: NonNullable<CacheConnection["cluster"]>,
  options: RedisOptions,
) {
  const { username, password, pool } = login;
  return createCluster({
    rootNodes: parseNodes(cluster.nodes).map((socket) => ({ socket })),
    nodeAddressMap: addressMap(cluster),
    // Otherwise a cluster of which one node is away would answer nothing (@redis/client 6.3.1 cluster-slots.js, #discover).
    minimizeConnections: true,
    commandOptions: { timeout: pool.maxWaitMs },
    defaults: {
      ...{ username, password },
      disableOfflineQueue: true,
      ...socketOptions(login, options),
    },
  });
}

/**
 * A cache whose keys are spread over several nodes. Each command names one key, so that any key is on one node. What one
 * node has is lost with it; the others answer meanwhile.
 */
export class ClusterConnection implements CacheServer {
  private readonly cluster: Cluster;
  private readonly lost = new Set<string>();
  private isClosed = false;

  constructor(
    login: CacheConnection,
    cluster: NonNullable<CacheConnection["cluster"]>,
    private readonly options: RedisOptions,
  ) {
    this.cluster = createClusterClient(login, cluster, options);
    this.cluster.on("error", () => undefined); // The attempt to connect reports it.
    this.cluster.on(
      "node-error",
      (error: unknown, { host, port }: { host: string; port: number }) =>
        this.report(`${host}:${port}`, error),
    );
    this.cluster.on("node-ready", ({ host, port }: { host: string; port: number }) => {
      if (this.lost.delete(`${host}:${port}`)) {
        options.log.warn(`${options.title}: connected again to ${host}:${port}`);
      }
    });
    void this.connect();
  }

  public get isReady(): boolean {
    return this.cluster.isReady;
  }

  public readonly get: CacheServer["get"] = (key) => this.cluster.get(key);
  public readonly set: CacheServer["set"] = (key, value, options) =>
    this.cluster.set(key, value, options);
  public readonly eval: CacheServer["eval"] = (script, options) =>
    this.cluster.eval(script, options);

  public onReady(listener: () => void): void {
    this.cluster.on("connect", listener);
    this.cluster.on("node-ready", listener);
  }

  public async close(): Promise<void> {
    this.isClosed = true;
    await closeRedis(this.cluster);
  }

  /** Tries again until one node tells which nodes there are; from then on each connection comes back by itself. */
  private async connect(): Promise<void> {
    for (let attempt = 1; !this.isClosed; attempt += 1) {
      try {
        await this.cluster.connect();
        if (this.lost.delete("")) {
          this.options.log.warn(`${this.options.title}: connected`);
        }
        return;
      } catch (error) {
        if (!this.isClosed) {
          this.report("", error);
          await sleep(delayAfter(attempt, BACKOFF), undefined, { ref: false });
        }
      }
    }
  }

  /** Each failed attempt reports an error: one message for each outage of a node is enough. */
  private report(node: string, error: unknown): void {
    if (!this.lost.has(node)) {
      this.lost.add(node);
      const where = node === "" ? "" : ` to ${node}`;
      this.options.log.warn(
        `${this.options.title}: connection${where} lost, trying again: ${reasonOf(error)}`,
      );
    }
  }
}
