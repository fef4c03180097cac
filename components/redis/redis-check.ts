/** What a Redis server that exists already must be and have, found out before anything is made on it. */
import type { ServerFinding } from "../platform/server-finding";
import type { CheckedRedis } from "./checked-redis";
import { connected, type RedisNode, type Send } from "./redis-client";
import { askAsAdministrator, askAsService, askWhatItIs, POLICY_WANTED } from "./redis-questions";
import { refusal } from "./redis-refusal";

export type { CheckedRedis };

/** Looks at every node of the server, and changes nothing on it. */
export async function checkRedis(server: CheckedRedis): Promise<ServerFinding[]> {
  const found = await Promise.all(
    server.nodes.map((node, index) => checkNode(server, node, index)),
  );
  const { key, instance, administrator, users } = server;
  const unknown: ServerFinding = {
    key,
    reason: `cannot be asked whether it evicts keys: it has no administrator here, and a service may not see that. Its maxmemory-policy must be ${POLICY_WANTED[instance]}`,
    kind: "warning",
  };
  return [...found.flat(), ...(users !== undefined && !administrator ? [unknown] : [])];
}

async function checkNode(
  server: CheckedRedis,
  node: RedisNode,
  index: number,
): Promise<ServerFinding[]> {
  const { trusted, timeoutMs } = server;
  const found: ServerFinding[] = [];
  let isKnown = false;
  for (const { key, username, password, ask } of loginsOf(server)) {
    try {
      const login = { ...node, username, password, trusted, timeoutMs };
      const findings = await connected(login, async (send) => [
        ...(isKnown ? [] : await askWhatItIs(server, node, index, send)),
        ...(await ask(node, send)),
      ]);
      found.push(...findings);
      isKnown = true;
    } catch (error) {
      const refused = await refusal(server, node, { username, key }, error as Error);
      found.push(refused);
      if (refused.key !== `${server.key}.${key}`) {
        return found; // Every other login would meet the same.
      }
    }
  }
  return found;
}

interface AskedLogin {
  /** Key of its password below that of the server. */
  key: string;
  username: string;
  password: string;
  ask: (node: RedisNode, send: Send) => Promise<ServerFinding[]>;
}

function loginsOf(server: CheckedRedis): AskedLogin[] {
  const { administrator, users = {} } = server;
  return [
    ...(administrator === undefined
      ? []
      : [
          {
            ...administrator,
            key: "password",
            ask: (node: RedisNode, send: Send) => askAsAdministrator(server, node, send),
          },
        ]),
    ...Object.entries(users).map(([service, login]) => ({
      ...login,
      key: `users.${service}.password`,
      ask: (node: RedisNode, send: Send) => askAsService(server, node, service, send),
    })),
  ];
}
