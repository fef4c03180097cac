/** Connections to the nodes of a Redis server, and how a node describes a user. */
import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";

import { clientTls } from "../platform/client-tls";
import { UNREACHABLE_CODES } from "../platform/unreachable";

export interface RedisNode {
  host: string;
  port: number;
}

/** The first node, and the login that has all rights on each. */
export interface RedisAdministrator extends RedisNode {
  adminUsername: string;
  adminPassword: string;
  /** PEM of the authorities to trust, or `system`; absent if the connection is not encrypted. */
  trusted?: string;
}

interface Patience {
  /** Longest wait for a connection, and for any answer after that. @default 10 s */
  timeoutMs?: number;
}

export interface RedisLogin extends RedisNode, Patience {
  username: string;
  password: string;
  trusted?: string;
}

interface User {
  username: string;
  password: string;
}

/** Sends one command to a server and resolves with its answer. */
export type Send = (...command: string[]) => Promise<unknown>;

/** The same with bytes as they are: texts of the answer are buffers. */
export type SendBytes = (...command: (string | Buffer)[]) => Promise<unknown>;

/** Nothing answers at the server's address. A refused login is another error. */
class UnreachableError extends Error {}

const TIMEOUT_MS = 10_000;

export const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

export const addressOf = ({ host, port }: RedisNode) => `${host}:${port}`;

/** The first node, and the further ones. */
export const nodesOf = ({
  host,
  port,
  replicas = [],
}: RedisNode & { replicas?: RedisNode[] }): RedisNode[] => [{ host, port }, ...replicas];

/** Whether nothing answered, as opposed to an answer that refuses. */
export const isUnreachable = ({ code = "", message }: NodeJS.ErrnoException): boolean =>
  UNREACHABLE_CODES.has(code) || /timeout|closed unexpectedly/i.test(message);

/**
 * Acts on one node over a connection of its own.
 * @throws what the connection or the act throws
 */
export async function connected<T>(
  { host, port, username, password, trusted, timeoutMs = TIMEOUT_MS }: RedisLogin,
  act: (send: Send, sendBytes: SendBytes) => Promise<T>,
): Promise<T> {
  const tls = clientTls(trusted);
  // Imported here: most runs of the plugin process only compare, and connect to nothing.
  const { createClient, RESP_TYPES } = await import("@redis/client");
  const client = createClient({
    username,
    password,
    // A few commands in a row on a healthy server: a lost connection is an error.
    socket: {
      host,
      port,
      connectTimeout: timeoutMs,
      socketTimeout: timeoutMs,
      reconnectStrategy: false,
      ...(tls && { tls: true, ...tls }),
    },
  });
  client.on("error", () => undefined); // The command that it interrupts reports it.
  try {
    await client.connect();
    const bytes = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
    return await act(
      (...command) => client.sendCommand(command),
      (...command) => bytes.sendCommand(command),
    );
  } finally {
    client.destroy();
  }
}

/**
 * Acts on one node as the server's administrator. Errors name the user and the node.
 * @param forUser the user that is being read or written
 */
export async function asAdministrator<T>(
  { host, port, adminUsername, adminPassword, trusted, timeoutMs }: RedisAdministrator & Patience,
  forUser: string,
  act: (send: Send) => Promise<T>,
): Promise<T> {
  const login = {
    host,
    port,
    username: adminUsername,
    password: adminPassword,
    trusted,
    timeoutMs,
  };
  let answers = false;
  try {
    return await connected(login, (send) => {
      answers = true;
      return act(send);
    });
  } catch (cause) {
    const error = cause as NodeJS.ErrnoException;
    const message = `${forUser}@${host}:${port}: ${error.message}`;
    throw !answers && isUnreachable(error)
      ? new UnreachableError(message, { cause })
      : new Error(message, { cause });
  }
}

/** The fields of an answer: an object in version 3 of the protocol, and names and values in turn in version 2. */
export function fieldsOf(reply: unknown): Map<string, unknown> {
  if (!Array.isArray(reply)) {
    return new Map(Object.entries(reply as object));
  }
  const list = reply as unknown[];
  return new Map(
    list.flatMap((name, index) => (index % 2 === 0 ? [[String(name), list[index + 1]]] : [])),
  );
}

/**
 * The server's description of a user, as JSON of what ACL GETUSER answers.
 * In place of the passwords it says whether the user has exactly the given one.
 * @returns undefined if there is no such user
 */
export async function describeUser(
  send: Send,
  { username, password }: User,
): Promise<string | undefined> {
  const reply = await send("ACL", "GETUSER", username);
  if (!reply) {
    return undefined;
  }
  const fields = fieldsOf(reply);
  const isOurs = isDeepStrictEqual(fields.get("passwords"), [sha256(password)]);
  fields.set("passwords", isOurs ? "as set" : "other");
  fields.set("commands", inFixedOrder(String(fields.get("commands"))));
  return JSON.stringify(Object.fromEntries(fields));
}

/**
 * The rules of commands with single commands in the order of their names. Redis 7.0 lists those in an order that
 * another start of the server changes (7.0.15 src/acl.c, ACLDescribeSelectorCommandRules: that of a hash table). The
 * order counts between categories, and between a command and its subcommands, which this leaves as they are.
 */
export function inFixedOrder(rules: string): string {
  const segments: string[][] = [[]];
  for (const rule of rules.split(" ").filter(Boolean)) {
    if (rule.startsWith("@", 1)) {
      segments.push([rule], []);
    } else {
      segments.at(-1)!.push(rule);
    }
  }
  const byName = (a: string, b: string) => (a.slice(1) < b.slice(1) ? -1 : 1);
  return segments.flatMap((segment) => segment.sort(byName)).join(" ");
}

/** In place of a user's description: nothing answers at the node's address. */
export const NO_ANSWER = "no answer";

/**
 * Reads the description of a user from one node, over a connection of its own.
 * @returns NO_ANSWER if the node does not answer, undefined if there is no such user
 */
export async function readUser(
  user: RedisAdministrator & User & Patience,
): Promise<string | undefined> {
  try {
    return await asAdministrator(user, user.username, (send) => describeUser(send, user));
  } catch (error) {
    if (error instanceof UnreachableError) {
      return NO_ANSWER;
    }
    throw error;
  }
}
