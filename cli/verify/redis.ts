/** Both Redis servers: keys with their times to live, refusals, memory, and the users. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import { CACHE_TTL_SECONDS, SYSTEM_AUTHORITIES } from "../../catalog/client-settings";
import type { RedisInstanceName, ServiceName } from "../../catalog/services";
import {
  connected,
  type RedisLogin,
  type RedisNode,
  type Send,
} from "../../components/redis/redis-client";
import type { ServiceConnections } from "../../contract/connections";
import type { Credentials } from "../../contract/outputs";
import { encryptsRedis } from "../connections/encryption";
import { checkRedis } from "../drift/redis";
import { TYPES } from "../resource-types";
import { ANSWER_MS, type Check, type Finding, judged, right, unknown, wrong } from "./finding";
import { judgeDrift, type Platform } from "./platform";

type TimesToLive = Readonly<Record<string, number>>;

/** One service on one server. */
interface Account {
  service: ServiceName;
  instance: RedisInstanceName;
  login: RedisLogin;
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
  ): Account => {
    const trusted = encryptsRedis({ url }) ? trustedCertificates : undefined;
    const login = { host, port, username, password, trusted, timeoutMs: ANSWER_MS };
    return { service, instance, login, keyPrefix, ttlSeconds };
  };
  return [
    account("cache", cache, cache.ttlSeconds),
    ...(session === undefined ? [] : [account("session", session, SESSION_TTL)]),
  ];
}

const tryAccount = (account: Account, all: readonly Account[]): Promise<Finding[]> =>
  connected(account.login, async (send) => {
    const { service, instance, keyPrefix, ttlSeconds } = account;
    const key = `${keyPrefix}verify:${randomUUID()}`;
    const others = all.filter((other) => other.instance === instance && other.service !== service);
    const kept = await tryTimesToLive(send, key, ttlSeconds);
    const expired = await tryExpiry(send, `${key}:expiry`);
    const reached = await Promise.all(others.map((other) => mayRead(send, other)));
    const times = Object.entries(ttlSeconds).map(([type, seconds]) => `${type} ${seconds} s`);
    const sees = others
      .filter((_, index) => reached[index])
      .map((other) => `may read keys of ${other.service}`);
    return [
      judged(
        `${service} in the ${instance}: set, get, time to live`,
        [...kept, ...expired],
        times.join(", "),
      ),
      judged(
        `${service} in the ${instance}: keys of others`,
        sees,
        `refused (${others.map((other) => other.service).join(", ")})`,
      ),
    ];
  });

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
  return [
    {
      what: `${instance} server`,
      ask: () =>
        connected({ ...account.login, ...administrator }, async (send) => {
          const [memory, stats] = await Promise.all([
            send("INFO", "memory"),
            send("INFO", "stats"),
          ]);
          return judgeServer(instance, `${memory}\n${stats}`);
        }),
    },
  ];
}

/** @param info what the server answers to INFO */
export function judgeServer(instance: RedisInstanceName, info: string): Finding[] {
  const fields = new Map(
    info.split(/\r?\n/).map((line) => {
      const at = line.indexOf(":");
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );
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
      return { what, ask: async () => [judgeDrift(what, await checkRedis([resource]))] };
    });
