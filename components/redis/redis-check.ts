/** What a Redis server that exists already must be and have, found out before anything is made on it. */
import { clientTls } from "../platform/client-tls";
import { type ServerFinding, tlsFinding } from "../platform/server-finding";
import { UNREACHABLE_CODES } from "../platform/unreachable";
import type { RedisNode } from "./redis-user-inputs";

const LEAST_VERSION = 7;
const TIMEOUT_MS = 10_000;

export interface CheckedRedis {
  /** Key of the configuration: redisServer or redisSessionServer. */
  key: string;
  nodes: readonly RedisNode[];
  username: string;
  password: string;
  trusted?: string;
  /** Whether keys may be evicted: those of a cache may, sessions may not. */
  mayEvict: boolean;
  /** Whether the login is to create users. */
  createsUsers: boolean;
  /** Longest time in milliseconds to wait for an answer. @default 10000 */
  timeoutMs?: number;
}

/** Looks at every node, and changes nothing on any. */
export async function checkRedis(server: CheckedRedis): Promise<ServerFinding[]> {
  const found = await Promise.all(
    server.nodes.map((node, index) => checkNode(server, node, index === 0)),
  );
  return found.flat();
}

async function checkNode(
  server: CheckedRedis,
  node: RedisNode,
  isFirst: boolean,
): Promise<ServerFinding[]> {
  const { createClient } = await import("@redis/client");
  const tls = clientTls(server.trusted);
  const timeout = server.timeoutMs ?? TIMEOUT_MS;
  const client = createClient({
    username: server.username,
    password: server.password,
    socket: {
      ...node,
      connectTimeout: timeout,
      socketTimeout: timeout,
      reconnectStrategy: false,
      ...(tls && { tls: true, ...tls }),
    },
  });
  client.on("error", () => undefined); // The command that it interrupts reports it.
  try {
    // A server that accepts the connection and then says nothing keeps `connect` waiting.
    await within(timeout, client.connect());
    const ask = (...command: string[]) => client.sendCommand(command) as Promise<unknown>;
    return await examine(server, node, isFirst, ask);
  } catch (error) {
    return [refusal(error as Error, server, node)];
  } finally {
    client.destroy();
  }
}

async function within<T>(timeoutMs: number, act: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("timeout")), timeoutMs);
  });
  try {
    return await Promise.race([act, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** What a failed connection says of the configuration. */
function refusal(
  error: Error & { code?: string },
  { key, username, trusted }: CheckedRedis,
  { host, port }: RedisNode,
): ServerFinding {
  const address = `${host}:${port}`;
  const { code = "", message } = error;
  if (/WRONGPASS|NOAUTH|invalid username-password/i.test(message)) {
    const reason = `or username is wrong: ${address} refuses ${username}`;
    return { key: `${key}.password`, reason, kind: "fault" };
  }
  const tls = tlsFinding(key, address, error);
  if (tls) {
    return { ...tls, key: tls.key.replace(/\.host$/, ".nodes") };
  }
  const said = [code, message].filter(Boolean).join("  ");
  if (
    UNREACHABLE_CODES.has(code) ||
    code === "EPROTO" ||
    /timeout|closed unexpectedly/i.test(message)
  ) {
    // A server that does not encrypt waits for the end of a line in what TLS begins with; one that does hangs up.
    const doubt =
      trusted === undefined
        ? "If it encrypts, tls must be true"
        : "If it does not encrypt, tls must be false";
    const reason = `names ${address}, where no Redis answers (${said}). ${doubt}`;
    return { key: `${key}.nodes`, reason, kind: "out of reach" };
  }
  return { key, reason: `names ${address}, which answers: ${message}`, kind: "fault" };
}

type Ask = (...command: string[]) => Promise<unknown>;

async function examine(
  server: CheckedRedis,
  { host, port }: RedisNode,
  isFirst: boolean,
  ask: Ask,
): Promise<ServerFinding[]> {
  const { key, username, createsUsers } = server;
  const address = `${host}:${port}`;
  const findings: ServerFinding[] = [];
  if (createsUsers) {
    try {
      await ask("ACL", "GETUSER", username);
    } catch (error) {
      findings.push({
        ...{ key: `${key}.username`, kind: "fault" },
        reason: `must be a login that may create users: ${address} answers ${(error as Error).message}. Where another tool creates them, give users`,
      });
    }
  }
  try {
    const info = `${String(await ask("INFO", "server"))}\n${String(await ask("INFO", "replication"))}\n${String(await ask("INFO", "memory"))}`;
    return [...findings, ...judge(readInfo(info), server, address, isFirst)];
  } catch (error) {
    const reason = `could not be examined: ${address} answers ${(error as Error).message}. ${
      server.mayEvict
        ? "It must be Redis 7 or later"
        : "It must be Redis 7 or later, with maxmemory-policy noeviction"
    }`;
    return [...findings, { key, reason, kind: "warning" }];
  }
}

/** Lines `name:value` of INFO. */
const readInfo = (text: string): Record<string, string> =>
  Object.fromEntries(
    text
      .split(/\r?\n/)
      .map((line) => /^(\w+):(.*)$/.exec(line))
      .flatMap((match) => (match ? [[match[1], match[2]]] : [])),
  );

/** What a node says of itself means for the stack. */
export function judge(
  info: Readonly<Record<string, string | undefined>>,
  { key, mayEvict }: Pick<CheckedRedis, "key" | "mayEvict">,
  address: string,
  isFirst: boolean,
): ServerFinding[] {
  const fault = (reason: string): ServerFinding => ({ key: `${key}.nodes`, reason, kind: "fault" });
  const { redis_version: version = "0", role, maxmemory_policy: policy = "noeviction" } = info;
  const evicts = policy !== "noeviction";
  return [
    ...(parseInt(version, 10) < LEAST_VERSION
      ? [fault(`names ${address}, which is Redis ${version}; it must be ${LEAST_VERSION} or later`)]
      : []),
    ...(isFirst && role === "slave"
      ? [fault(`must begin with the primary: ${address} is a replica, and only reads`)]
      : []),
    ...(evicts && !mayEvict
      ? [
          fault(
            `names ${address}, which evicts keys (maxmemory-policy ${policy}). Sessions need noeviction`,
          ),
        ]
      : []),
    ...(!evicts && mayEvict && isFirst
      ? [
          {
            key,
            reason: `does not evict keys (maxmemory-policy noeviction): a full cache then refuses to write`,
            kind: "warning" as const,
          },
        ]
      : []),
  ];
}
