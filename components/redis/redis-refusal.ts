import { connect as connectSocket, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

import { errorText, type ServerFinding, tlsFinding } from "../platform/server-finding";
import type { CheckedRedis } from "./checked-redis";
import { accessString } from "./redis-access";
import { addressOf, isUnreachable, type RedisNode } from "./redis-client";

/** Longest wait for what a port speaks, after it was reached. */
const PROBE_TIMEOUT_MS = 3_000;

/** What a failed connection says of the configuration. */
export async function refusal(
  server: CheckedRedis,
  node: RedisNode,
  { username, key: loginKey }: { username: string; key: string },
  error: Error & { code?: string },
): Promise<ServerFinding> {
  const { key, trusted } = server;
  const timeoutMs = Math.min(server.timeoutMs ?? PROBE_TIMEOUT_MS, PROBE_TIMEOUT_MS);
  const { message } = error;
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
    const reason = `names ${address}, which is older than Redis 7: it knows no users (${message})`;
    return finding("nodes", reason, "fault");
  }
  const tls = tlsFinding(key, address, error);
  if (tls) {
    return tls.key === `${key}.host` ? { ...tls, key: `${key}.nodes` } : tls;
  }
  const isOut = isUnreachable(error);
  if (isOut || isNotRedis(error)) {
    if (trusted === undefined && (await answersTls(node, timeoutMs))) {
      return finding("tls", `must be true: ${address} expects encrypted connections`, "fault");
    }
    if (trusted !== undefined && (await answersInClear(node, timeoutMs))) {
      return finding("tls", `must be false: ${address} does not encrypt`, "fault");
    }
  }
  if (isOut || /^LOADING/.test(message)) {
    const reason = `names ${address}, where no Redis answers (${errorText(error)})`;
    return finding("nodes", reason, "out of reach");
  }
  return finding("nodes", `names ${address}, which refuses the connection: ${message}`, "fault");
}

/** Whether an answer was none of Redis' protocol, as the alert of a TLS server is. */
const isNotRedis = ({ message }: Error) => /unknown RESP type/i.test(message);

/** Whether a port shakes hands for TLS, whoever has issued its certificate. */
const answersTls = ({ host, port }: RedisNode, timeoutMs: number): Promise<boolean> =>
  answers(connectTls({ host, port, rejectUnauthorized: false }), timeoutMs, "secureConnect");

/** Whether a port answers a command that is not encrypted. An error is an answer too. */
const answersInClear = ({ host, port }: RedisNode, timeoutMs: number): Promise<boolean> =>
  answers(
    connectSocket({ host, port }, function (this: Socket) {
      this.write("PING\r\n");
    }),
    timeoutMs,
    "data",
    (data) => /^[+-]/.test(String(data)),
  );

function answers(
  socket: Socket,
  timeoutMs: number,
  event: "secureConnect" | "data",
  isAnswer: (data: unknown) => boolean = () => true,
): Promise<boolean> {
  return new Promise<boolean>((resolve) => {
    socket.setTimeout(timeoutMs, () => resolve(false));
    socket.once(event, (data?: unknown) => resolve(isAnswer(data)));
    socket.once("error", () => resolve(false));
    socket.once("close", () => resolve(false));
  }).finally(() => socket.destroy());
}
