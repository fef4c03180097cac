/** Takes all that a server gives, up to its own limits, and gives it back. */
import { Client } from "pg";

import type { Outputs } from "../e2e/support/clients";
import { withRedis } from "../e2e/support/clients";
import { until } from "../e2e/support/running";

const KEY = "chaos:ballast:";
/** Bytes of the values: large ones, and then smaller ones, until not even the smallest finds room. */
const SIZES = [256 * 1_024, 4_096, 16];
/** More than there is room for in any stack of this drill. */
const MOST_KEYS = 16_384;

/** Fills the session store up to `maxmemory`, as its administrator: it evicts nothing, and refuses writes from then on. */
export function holdMemory({ administrators, accessPoints }: Outputs) {
  const { username, password } = administrators.redisSession!;
  const url = `redis://${username}:${password}@${accessPoints.redisSession.address}`;
  let keys = 0;
  const fill = () =>
    withRedis(url, async (client) => {
      for (const size of SIZES) {
        for (let isFull = false; !isFull && keys < MOST_KEYS; keys += 1) {
          isFull = await client.set(`${KEY}${keys}`, "x".repeat(size)).then(() => false, isRefused);
        }
      }
    });
  const empty = () =>
    withRedis(url, async (client) => {
      for (let key = 0; key <= keys; key += 1) {
        await client.unlink(`${KEY}${key}`);
      }
    });
  return {
    begin: () => untilDone(fill),
    undo: () => untilDone(empty),
  };
}

/** @throws the error, where it is another than that of a full server */
function isRefused(error: Error): true {
  if (!error.message.startsWith("OOM ")) {
    throw error;
  }
  return true;
}

/** A server that has not come back yet is waited for. */
const untilDone = (act: () => Promise<void>) =>
  until(
    () =>
      act().then(
        () => true,
        () => false,
      ),
    60_000,
  );

/** The role whose connections are taken. */
const SERVICE = "content-service";
const MOST_CONNECTIONS = 200;

/** Takes all connections that the role of one service may still have. Its limit is the platform's own. */
export function holdConnections({ services }: Outputs) {
  const { url } = services[SERVICE].database;
  const held: Client[] = [];
  return {
    begin: async () => {
      while (held.length < MOST_CONNECTIONS) {
        const client = new Client({ connectionString: url });
        client.on("error", () => undefined);
        try {
          await client.connect();
          held.push(client);
        } catch {
          return;
        }
      }
      throw new Error(`${SERVICE} may have more than ${MOST_CONNECTIONS} connections`);
    },
    undo: () => Promise.all(held.splice(0).map((client) => client.end().catch(() => undefined))),
  };
}
