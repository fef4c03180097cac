/** Both Redis servers, on each of their nodes: keys with their times to live, refusals, memory, and the users. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import { CACHE_TTL_SECONDS, SYSTEM_AUTHORITIES } from "../../catalog/client-settings";
import type { RedisInstanceName, ServiceName } from "../../catalog/services";
import { parseAddress } from "../../components/platform/address";
import {
  addressOf,
  connected,
  fieldsOf,
  type RedisLogin,
  type RedisNode,
  type Send,
} from "../../components/redis/redis-client";
import { infoFields } from "../../components/redis/redis-info";
import type { ServiceConnections } from "../../contract/connections";
import type { Credentials } from "../../contract/outputs";
import { encryptsRedis } from "../connections/encryption";
import { checkRedis } from "../drift/redis";
import { TYPES } from "../resource-types";
import { ANSWER_MS, type Check, type Finding, judged, right, unknown, wrong } from "./finding";
import { judgeDrift, type Platform } from "./platform";

type TimesToLive = Readonly<Record<string, number>>;

/** How long a check of users waits for a server: less than a check as a whole may take. */
const USERS_MS = 10_000;

/** One service on one server. */
interface Account {
  service: ServiceName;
  instance: RedisInstanceName;
  /** To the first node. */
  login: RedisLogin;
  /** All nodes that the stack runs, the first one first. */
  nodes: readonly RedisNode[];
  /** Whether keys are spread over the nodes; otherwise one of them is the primary, which has all. */
  isSpread: boolean;
  keyPrefix: string;
  ttlSeconds: TimesToLive;
}

/** A type of data without a time of its own on the server of sessions. */
const SESSION_TTL: TimesToLive = { sessions: CACHE_TTL_SECONDS.sessions };

export function redisChecks({ resources, outputs }: Platform): Check[] {
  const accounts = Object.entries(outputs.services).flatMap(([service, connections]) =>
    accountsOf(service as ServiceName, connections),
  );
  const { redis, redisSession } = outputs.administrators;
  return [
    ...accounts.map((account) => ({
      what: `${account.service} on the ${account.instance} server`,
      ask: () => tryAccount(account, accounts),
    })),
    ...serverChecks("cache", accounts, redis),
    ...serverChecks("session", accounts, redisSession),
    ...userChecks(resources),
    ...nodeChecks(resources),
  ];
}

function accountsOf(
  service: ServiceName,
  { cache, session, trustedCertificates = SYSTEM_AUTHORITIES }: ServiceConnections,
): Account[] {
  const account = (
    instance: RedisInstanceName,
    { host, port, username, password, url, keyPrefix }: NonNullable<ServiceConnections["session"]>,
    ttlSeconds: TimesToLive,
    nodes: string | undefined,
  ): Account => {
    const trusted = encryptsRedis({ url }) ? trustedCertificates : undefined;
    const login = { host, port, username, password, trusted, timeoutMs: ANSWER_MS };
    return {
      ...{ service, instance, login, keyPrefix, ttlSeconds },
      nodes: nodes?.split(",").map(parseAddress) ?? [{ host, port }],
      isSpread: instance === "cache",
    };
  };
  return [
    account("cache", cache, cache.ttlSeconds, cache.cluster?.nodes),
    ...(session === undefined ? [] : [account("session", session, SESSION_TTL, session.nodes)]),
  ];
}

async function tryAccount(account: Account, all: readonly Account[]): Promise<Finding[]> {
  const { service, instance, ttlSeconds } = account;
  const others = all.filter((other) => other.instance === instance && other.service !== service);
  const nodes = await nodesWithKeys(account);
  const tried = await Promise.all(nodes.map((node) => tryOn(node, account, others)));
  const faultsOf = (of: "kept" | "sees") =>
    tried.flatMap((each, index) =>
      each[of].map((fault) => (nodes.length > 1 ? `${addressOf(nodes[index])}: ${fault}` : fault)),
    );
  const times = Object.entries(ttlSeconds).map(([type, seconds]) => `${type} ${seconds} s`);
  return [
    judged(
      `${service} in the ${instance}: set, get, time to live`,
      nodes.length === 0 ? ["no node is the primary"] : faultsOf("kept"),
      times.join(", "),
    ),
    judged(
      `${service} in the ${instance}: keys of others`,
      faultsOf("sees"),
      `refused (${others.map((other) => other.service).join(", ")})`,
    ),
  ];
}

const tryOn = (node: RedisNode, { login, keyPrefix, ttlSeconds }: Account, others: Account[]) =>
  connected({ ...login, ...node }, async (send) => {
    const key = await keyOf(send, keyPrefix);
    const kept = await tryTimesToLive(send, key, ttlSeconds);
    const expired = await tryExpiry(send, `${key}:expiry`);
    const reached = await Promise.all(others.map((other) => mayRead(send, other)));
    const sees = others
      .filter((_, index) => reached[index])
      .map((other) => `may read keys of ${other.service}`);
    return { kept: [...kept, ...expired], sees };
  });

/** The nodes of a cluster, or the primary: after a failover, that is another one. */
async function nodesWithKeys({ nodes, isSpread, login }: Account): Promise<RedisNode[]> {
  if (isSpread || nodes.length === 1) {
    return [...nodes];
  }
  const roles = await Promise.all(
    nodes.map((node) =>
      connected({ ...login, ...node }, async (send) => fieldsOf(await send("HELLO")).get("role")),
    ),
  );
  return nodes.filter((_, index) => roles[index] === "master");
}

/** Random keys until one is of a slot that the node has; the braces give all that begins with it the same slot. */
async function keyOf(send: Send, keyPrefix: string): Promise<string> {
  for (;;) {
    const key = `${keyPrefix}verify:{${randomUUID()}}`;
    try {
      await send("EXISTS", key);
      return key;
    } catch (error) {
      if (!isMoved(error as Error)) {
        throw error;
      }
    }
  }
}

/** The answer of a node of a cluster to a key that is another node's. It has checked the user's rights before. */
const isMoved = ({ message }: Error) => message.startsWith("MOVED ");

/**
 * One transaction for each type of data, at whose end its key is gone again: no other client ever sees it, and a run
 * that is killed leaves nothing.
 * @returns what is wrong
 */
async function tryTimesToLive(send: Send, key: string, ttlSeconds: TimesToLive): Promise<string[]> {
  const faults: string[] = [];
  for (const [type, seconds] of Object.entries(ttlSeconds)) {
    const commands = [
      ["SET", key, type, "EX", String(seconds)],
      ["GET", key],
      ["TTL", key],
      ["DEL", key],
    ];
    const [, ...answers] = await Promise.all([
      send("MULTI"),
      ...commands.map((command) => send(...command)),
      send("EXEC"),
    ]);
    const [set, value, left, deleted] = answers.at(-1) as unknown[];
    if (set !== "OK" || value !== type || Number(left) !== seconds || Number(deleted) !== 1) {
      faults.push(`${type}: answered ${[set, value, left, deleted].map(String).join(", ")}`);
    }
  }
  return faults;
}

const EXPIRES_MS = 20;

/** A key that is not deleted, but goes when its time is over. */
async function tryExpiry(send: Send, key: string): Promise<string[]> {
  await send("SET", key, "verify", "PX", String(EXPIRES_MS));
  await sleep(2 * EXPIRES_MS);
  return (await send("EXISTS", key)) === 0 ? [] : ["a key outlives its time"];
}

/** Asks for a key that nobody has. */
async function mayRead(send: Send, { keyPrefix }: Account): Promise<boolean> {
  try {
    await send("EXISTS", `${keyPrefix}verify`);
    return true;
  } catch (error) {
    if ((error as Error).message.startsWith("NOPERM")) {
      return false;
    }
    if (isMoved(error as Error)) {
      return true;
    }
    throw error;
  }
}

/** Memory and hits, which only an administrator may see; a server with given users may have none. */
function serverChecks(
  instance: RedisInstanceName,
  accounts: readonly Account[],
  administrator: Credentials | undefined,
): Check[] {
  const account = accounts.find((each) => each.instance === instance);
  if (account === undefined || administrator === undefined) {
    return [];
  }
  const { login, nodes } = account;
  return nodes.map((node) => {
    const at = nodes.length > 1 ? ` at ${addressOf(node)}` : "";
    return {
      what: `${instance} server${at}`,
      ask: () =>
        connected({ ...login, ...administrator, ...node }, async (send) => {
          const [memory, stats] = await Promise.all([
            send("INFO", "memory"),
            send("INFO", "stats"),
          ]);
          return judgeServer(instance, `${memory}\n${stats}`).map((finding) => ({
            ...finding,
            what: `${finding.what}${at}`,
          }));
        }),
    };
  });
}

/** @param info what the server answers to INFO */
export function judgeServer(instance: RedisInstanceName, info: string): Finding[] {
  const fields = infoFields(info);
  const number = (name: string) => Number(fields.get(name) ?? Number.NaN);
  return [
    judgeMemory(instance, number("used_memory"), number("maxmemory")),
    judgePolicy(instance, fields.get("maxmemory_policy")),
    hitRate(instance, number("keyspace_hits"), number("keyspace_misses")),
  ];
}

const MEBIBYTE = 1_024 * 1_024;
const mebibytes = (bytes: number) => `${(bytes / MEBIBYTE).toFixed(1)} MiB`;

function judgeMemory(instance: RedisInstanceName, used: number, allowed: number): Finding {
  const what = `memory of the ${instance}`;
  if (Number.isNaN(used) || Number.isNaN(allowed)) {
    return unknown(what, "the server does not tell");
  }
  if (allowed === 0) {
    return wrong(what, `${mebibytes(used)} of any amount`, "a limit");
  }
  const found = `${mebibytes(used)} of ${mebibytes(allowed)}`;
  // A cache that is full evicts; sessions are refused.
  return instance === "session" && used >= allowed
    ? wrong(what, `${found}: refuses new sessions`)
    : right(what, found);
}

function judgePolicy(instance: RedisInstanceName, policy: string | undefined): Finding {
  const what = `eviction in the ${instance}`;
  if (policy === undefined) {
    return unknown(what, "the server does not tell");
  }
  const evicts = policy !== "noeviction";
  return evicts === (instance === "cache")
    ? right(what, policy)
    : wrong(what, policy, instance === "cache" ? "a policy that evicts" : "noeviction");
}

/** For a person: what is too low depends on the services. */
function hitRate(instance: RedisInstanceName, hits: number, misses: number): Finding {
  const what = `hit rate of the ${instance}`;
  const reads = hits + misses;
  return Number.isNaN(reads)
    ? unknown(what, "the server does not tell")
    : right(
        what,
        reads === 0 ? "no reads yet" : `${((100 * hits) / reads).toFixed(1)} % of ${reads} reads`,
      );
}

const userChecks = (resources: Platform["resources"]): Check[] =>
  resources
    .filter(({ type }) => type === TYPES.redisUser)
    .map((resource) => {
      const { username, host, port } = resource.inputs as unknown as RedisNode & {
        username: string;
      };
      const what = `user ${username} at ${host}:${port}`;
      return { what, ask: async () => [judgeDrift(what, await checkRedis([resource], USERS_MS))] };
    });

const GROUPS: Readonly<Record<string, string>> = {
  [TYPES.redisCluster]: "nodes of the cache: slots, and who knows whom",
  [TYPES.redisReplication]: "servers of the sessions: one primary, and a replica with all it has",
};

/** Servers that belong together. */
const nodeChecks = (resources: Platform["resources"]): Check[] =>
  resources
    .filter(({ type }) => type in GROUPS)
    .map((resource) => {
      const what = GROUPS[resource.type];
      return { what, ask: async () => [judgeDrift(what, await checkRedis([resource]))] };
    });
