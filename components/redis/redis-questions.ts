/** What a node of a Redis server is asked before anything is made on it. No question changes anything. */
import type { RedisInstanceName } from "../../catalog/services";
import type { ServerFinding } from "../platform/server-finding";
import type { CheckedRedis } from "./checked-redis";
import { accessString } from "./redis-access";
import { addressOf, fieldsOf, type RedisNode, type Send } from "./redis-client";

const LEAST_VERSION = 7;
/** A user and a key that no stack has. */
const NOBODY = "platform-check";

/** What maxmemory-policy must be. */
export const POLICY_WANTED: Record<RedisInstanceName, string> = {
  cache: "one that evicts, such as allkeys-lfu",
  session: "noeviction",
};

/** What every user may ask: HELLO without arguments answers what it speaks with. */
export async function askWhatItIs(
  { key }: CheckedRedis,
  node: RedisNode,
  index: number,
  send: Send,
): Promise<ServerFinding[]> {
  const fields = fieldsOf(await send("HELLO"));
  const [version, mode, role] = ["version", "mode", "role"].map((name) => String(fields.get(name)));
  const address = addressOf(node);
  const fault = (reason: string): ServerFinding => ({
    ...{ key: `${key}.nodes`, reason: `names ${address}, ${reason}`, kind: "fault" },
  });
  const warning = (reason: string): ServerFinding => ({
    ...{ key: `${key}.nodes`, reason: `names ${address}, ${reason}`, kind: "warning" },
  });
  if (mode === "sentinel") {
    return [fault("which is a Sentinel; it must name the servers that the Sentinel watches")];
  }
  return [
    ...(Number.parseInt(version, 10) < LEAST_VERSION
      ? [fault(`which is Redis ${version}; it must be ${LEAST_VERSION} or later`)]
      : []),
    ...(index === 0 && role !== "master"
      ? [fault("which is a replica, and only reads; the primary must come first")]
      : []),
    ...(index > 0 && role === "master" && mode !== "cluster"
      ? [warning("which is no replica: it has data of its own")]
      : []),
    ...(mode === "cluster"
      ? [warning("which is part of a cluster: services must use clients that know clusters")]
      : []),
  ];
}

/** Tries each right that the stack needs, in a way that changes nothing. */
export async function askAsAdministrator(
  server: CheckedRedis,
  node: RedisNode,
  send: Send,
): Promise<ServerFinding[]> {
  const [rights, policy] = [
    await askRights(server, node, send),
    await askPolicy(server, node, send),
  ];
  return [...rights, ...policy];
}

async function askRights(
  { key, administrator, users }: CheckedRedis,
  node: RedisNode,
  send: Send,
): Promise<ServerFinding[]> {
  if (users !== undefined) {
    return []; // The stack makes no users.
  }
  // A rule that does not exist is refused after the right is granted, and before any user is made
  // (redis 7.0.15 src/acl.c, ACLStringSetUser).
  const tries = [
    ["ACL", "SETUSER", NOBODY, "?"],
    ["ACL", "GETUSER", NOBODY],
    ["ACL", "DELUSER", NOBODY],
  ];
  const answers = await Promise.all(tries.map((command) => errorOf(send(...command))));
  const denied = tries
    .filter((_, index) => isDenied(answers[index]))
    .map(([command, action]) => `${command} ${action}`);
  if (denied.length === 0) {
    return [];
  }
  const first = answers.find(isDenied);
  const reason = `must be a login that may make users: ${addressOf(node)} denies ${administrator!.username} ${denied.join(", ")} (${first}). Where nobody may, give the users: ${key}.users`;
  return [{ key: `${key}.username`, reason, kind: "fault" }];
}

const errorOf = (answer: Promise<unknown>): Promise<string | undefined> =>
  answer.then(
    () => undefined,
    (error: Error) => error.message,
  );

/** Whether an answer says that a command is not this user's, or is taken away from everybody. */
const isDenied = (error: string | undefined): boolean =>
  error !== undefined && /^NOPERM|unknown (sub)?command/i.test(error);

async function askPolicy(
  { key, instance }: CheckedRedis,
  node: RedisNode,
  send: Send,
): Promise<ServerFinding[]> {
  const address = addressOf(node);
  const warning = (reason: string): ServerFinding => ({ key, reason, kind: "warning" });
  let memory: string;
  try {
    memory = String(await send("INFO", "memory"));
  } catch (error) {
    if (!isDenied((error as Error).message)) {
      throw error;
    }
    return [
      warning(
        `cannot be asked whether it evicts keys: ${address} denies INFO. Its maxmemory-policy must be ${POLICY_WANTED[instance]}`,
      ),
    ];
  }
  const valueOf = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(memory)?.[1];
  const [policy, limit] = [valueOf("maxmemory_policy"), valueOf("maxmemory")];
  if (policy === undefined) {
    return [
      warning(
        `does not tell whether it evicts keys (${address}). Its maxmemory-policy must be ${POLICY_WANTED[instance]}`,
      ),
    ];
  }
  if (instance === "session") {
    const reason = `names ${address}, which evicts keys (maxmemory-policy ${policy}): users would lose their sessions. It must be noeviction`;
    return policy === "noeviction" ? [] : [{ key: `${key}.nodes`, reason, kind: "fault" }];
  }
  return policy === "noeviction" || limit === "0"
    ? [
        warning(
          `evicts no keys at ${address} (maxmemory-policy ${policy}, maxmemory ${limit ?? "unknown"}): a full cache refuses writes, or fills the machine`,
        ),
      ]
    : [];
}

/** Whether a given user may use the service's keys, and no others. */
export async function askAsService(
  { key, keyNames }: CheckedRedis,
  node: RedisNode,
  service: string,
  send: Send,
): Promise<ServerFinding[]> {
  const name = keyNames[service];
  const [own, others] = await Promise.all([
    errorOf(send("EXISTS", `${name}:${NOBODY}`)),
    errorOf(send("EXISTS", NOBODY)),
  ]);
  const userKey = `${key}.users.${service}`;
  const advice = `Its access string is: ${accessString(name)}`;
  const address = addressOf(node);
  if (isDenied(own)) {
    const reason = `must be a user that may use the keys ${name}:* at ${address} (${own}). ${advice}`;
    return [{ key: userKey, reason, kind: "fault" }];
  }
  const reason = `may use keys of other services at ${address}. ${advice}`;
  return others === undefined ? [{ key: userKey, reason, kind: "warning" }] : [];
}
