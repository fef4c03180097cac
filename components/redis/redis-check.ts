/** What a Redis server that exists already must be and have, found out before anything is made on it. */
import { connect as connectSocket, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

import type { RedisInstanceName } from "../../catalog/services";
import { type ServerFinding, tlsFinding } from "../platform/server-finding";
import { accessString } from "./redis-access";
import {
  addressOf,
  connected,
  fieldsOf,
  isUnreachable,
  type RedisNode,
  type Send,
} from "./redis-client";

const LEAST_VERSION = 7;
/** Longest wait for what a port speaks, after it was reached. */
const PROBE_TIMEOUT_MS = 3_000;
/** A user and a key that no stack has. */
const NOBODY = "platform-check";

interface Login {
  username: string;
  password: string;
}

export interface CheckedRedis {
  /** Key of the configuration that names it. */
  key: "redisServer" | "redisSessionServer";
  instance: RedisInstanceName;
  /** The first one is where services connect. */
  nodes: readonly RedisNode[];
  /** Absent where the users are given and nobody else is. */
  administrator?: Login;
  /** PEM of the authorities to trust, or `system`; absent if connections are not encrypted. */
  trusted?: string;
  /** Users by service that are there already. */
  users?: Readonly<Record<string, Login>>;
  /** Start of the names of each service's keys, without the colon. */
  keyNames: Readonly<Record<string, string>>;
  /** Longest wait for a connection, and for any answer after that. @default 10 s */
  timeoutMs?: number;
}

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

const POLICY_WANTED: Record<RedisInstanceName, string> = {
  cache: "one that evicts, such as allkeys-lfu",
  session: "noeviction",
};

async function checkNode(
  server: CheckedRedis,
  node: RedisNode,
  index: number,
): Promise<ServerFinding[]> {
  const { administrator, users = {}, trusted, timeoutMs } = server;
  const logins = [
    ...(administrator
      ? [
          {
            ...administrator,
            keys: { password: "password", username: "username" },
            ask: (send: Send) => askAsAdministrator(server, node, send),
          },
        ]
      : []),
    ...Object.entries(users).map(([service, login]) => ({
      ...login,
      keys: { password: `users.${service}.password`, username: `users.${service}.username` },
      ask: (send: Send) => askAsService(server, node, service, send),
    })),
  ];
  const found: ServerFinding[] = [];
  for (const [at, { username, password, keys, ask }] of logins.entries()) {
    try {
      const findings = await connected(
        { ...node, username, password, trusted, timeoutMs },
        async (send) => [
          ...(at === 0 ? await askWhatItIs(server, node, index, send) : []),
          ...(await ask(send)),
        ],
      );
      found.push(...findings);
    } catch (error) {
      const refused = await refusal(server, node, { username, key: keys.password }, error as Error);
      found.push(refused);
      if (!isLoginFinding(server, refused, keys.password)) {
        return found; // The other logins would meet the same.
      }
    }
  }
  return found;
}

const isLoginFinding = ({ key }: CheckedRedis, finding: ServerFinding, loginKey: string) =>
  finding.key === `${key}.${loginKey}`;

/** What every user may ask: HELLO without arguments answers what it speaks with. */
async function askWhatItIs(
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
async function askAsAdministrator(
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
async function askAsService(
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

/** What a failed connection says of the configuration. */
async function refusal(
  server: CheckedRedis,
  node: RedisNode,
  { username, key: loginKey }: { username: string; key: string },
  error: Error & { code?: string },
): Promise<ServerFinding> {
  const { key, trusted } = server;
  const { code = "", message } = error;
  const address = addressOf(node);
  const finding = (part: string, reason: string, kind: ServerFinding["kind"]): ServerFinding => ({
    ...{ key: `${key}.${part}`, reason, kind },
  });
  if (/^(WRONGPASS|NOAUTH)/.test(message)) {
    const service = /^users\.(.+)\.password$/.exec(loginKey)?.[1];
    const advice =
      service === undefined
        ? ""
        : `. The user's access string is: ${accessString(server.keyNames[service])}`;
    const reason = `or username is wrong: ${address} refuses ${username} (${message})${advice}`;
    return finding(loginKey, reason, "fault");
  }
  // Redis 5 and older know neither HELLO nor users.
  if (/unknown command.*hello|wrong number of arguments for 'auth'/i.test(message)) {
    const reason = `names ${address}, which is older than Redis ${LEAST_VERSION}: it knows no users (${message})`;
    return finding("nodes", reason, "fault");
  }
  const tls = tlsFinding(key, address, error);
  if (tls) {
    return tls.key === `${key}.host` ? { ...tls, key: `${key}.nodes` } : tls;
  }
  const isOut = isUnreachable(error);
  if (isOut || isNotRedis(error)) {
    if (trusted === undefined && (await answersTls(node))) {
      return finding("tls", `must be true: ${address} expects encrypted connections`, "fault");
    }
    if (trusted !== undefined && (await answersInClear(node))) {
      return finding("tls", `must be false: ${address} does not encrypt`, "fault");
    }
  }
  if (isOut || /^LOADING/.test(message)) {
    const cause = [code, message].filter(Boolean).join("  ");
    const reason = `names ${address}, where no Redis answers (${cause})`;
    return finding("nodes", reason, "out of reach");
  }
  return finding("nodes", `names ${address}, which refuses the connection: ${message}`, "fault");
}

/** Whether an answer was none of Redis' protocol, as the alert of a TLS server is. */
const isNotRedis = ({ message }: Error) => /unknown RESP type/i.test(message);

/** Whether a port shakes hands for TLS, whoever has issued its certificate. */
const answersTls = ({ host, port }: RedisNode): Promise<boolean> =>
  answers(connectTls({ host, port, rejectUnauthorized: false }), "secureConnect");

/** Whether a port answers a command that is not encrypted. An error is an answer too. */
const answersInClear = ({ host, port }: RedisNode): Promise<boolean> =>
  answers(
    connectSocket({ host, port }, function (this: Socket) {
      this.write("PING\r\n");
    }),
    "data",
    (data) => /^[+-]/.test(String(data)),
  );

function answers(
  socket: Socket,
  event: "secureConnect" | "data",
  isAnswer: (data: unknown) => boolean = () => true,
): Promise<boolean> {
  return new Promise<boolean>((resolve) => {
    socket.setTimeout(PROBE_TIMEOUT_MS, () => resolve(false));
    socket.once(event, (data?: unknown) => resolve(isAnswer(data)));
    socket.once("error", () => resolve(false));
    socket.once("close", () => resolve(false));
  }).finally(() => socket.destroy());
}
