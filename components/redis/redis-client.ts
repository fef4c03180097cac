/** Connections to a Redis server as its administrator, and how the server describes a user. */
import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";

import { clientTls } from "../platform/client-tls";
import { UNREACHABLE_CODES } from "../platform/unreachable";

export interface RedisAdministrator {
  host: string;
  port: number;
  adminUsername: string;
  adminPassword: string;
  /** PEM of the authorities to trust; absent if the connection is not encrypted. */
  trusted?: string;
}

interface User {
  username: string;
  password: string;
}

/** Sends one command to a server and resolves with its answer. */
export type Send = (...command: string[]) => Promise<unknown>;

/** Nothing answers at the server's address. A refused login is another error. */
class UnreachableError extends Error {}

export const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/**
 * Acts on a server as its administrator, over a connection of its own.
 * @param forUser name in the message if the connection fails: the user that is being read or written
 */
export async function asAdministrator<T>(
  { host, port, adminUsername, adminPassword, trusted }: RedisAdministrator,
  forUser: string,
  act: (send: Send) => Promise<T>,
): Promise<T> {
  const tls = clientTls(trusted);
  // Imported here: most runs of the plugin process only compare, and connect to nothing.
  const { createClient } = await import("@redis/client");
  const client = createClient({
    username: adminUsername,
    password: adminPassword,
    // A few commands in a row on a healthy server: a lost connection is an error.
    socket: {
      host,
      port,
      connectTimeout: 10_000,
      reconnectStrategy: false,
      ...(tls && { tls: true, ...tls }),
    },
  });
  client.on("error", () => undefined); // The command that it interrupts reports it.
  try {
    await client.connect().catch((error: NodeJS.ErrnoException) => {
      const message = `${forUser}@${host}:${port}: ${error.message}`;
      const unreachable =
        UNREACHABLE_CODES.has(error.code ?? "") || /timeout|closed unexpectedly/i.test(message);
      throw unreachable ? new UnreachableError(message) : new Error(message);
    });
    return await act((...command) => client.sendCommand(command));
  } finally {
    client.destroy();
  }
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
  const reply = (await send("ACL", "GETUSER", username)) as unknown[] | null;
  if (!reply) {
    return undefined;
  }
  const fields = new Map<string, unknown>();
  for (let index = 0; index < reply.length; index += 2) {
    fields.set(String(reply[index]), reply[index + 1]);
  }
  const passwords = fields.get("passwords") as string[];
  fields.set("passwords", isDeepStrictEqual(passwords, [sha256(password)]) ? "as set" : "other");
  return JSON.stringify(Object.fromEntries(fields));
}

/** In place of a user's description: nothing answers at the server's address. */
export const NO_ANSWER = "no answer";

/**
 * Reads the description of a user, over a connection of its own.
 * @returns NO_ANSWER if the server does not answer, undefined if there is no such user
 */
export async function readUser(user: RedisAdministrator & User): Promise<string | undefined> {
  try {
    return await asAdministrator(user, user.username, (send) => describeUser(send, user));
  } catch (error) {
    if (error instanceof UnreachableError) {
      return NO_ANSWER;
    }
    throw error;
  }
}
