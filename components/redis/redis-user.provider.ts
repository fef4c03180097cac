/** Runs in Pulumi's plugin process: what RedisUser does on a server. */
import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";

import type * as pulumi from "@pulumi/pulumi";

import { endPluginWithEngine } from "../../runtime/engine-lifetime";

endPluginWithEngine();

export interface RedisUserInputs {
  host: string;
  port: number;
  adminUsername: string;
  adminPassword: string;
  /** PEM of the authorities to trust; absent where the connection is in clear. */
  trusted?: string;
  username: string;
  password: string;
  /** Rules as ACL SETUSER takes them, without on, reset and passwords. */
  rules: string[];
}

export interface RedisUserState extends RedisUserInputs {
  /** The user as the server described it when it was made, with no password in it. */
  applied: string;
  /** Whether a refresh found the server's description to be another than `applied`. */
  drifted: boolean;
}

const CONNECTION = ["host", "port", "adminUsername", "adminPassword", "trusted"] as const;
const MANAGED = ["username", "password", "rules"] as const;

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** Nothing answers where the server should; a refused login is another matter. */
class UnreachableError extends Error {}

const UNREACHABLE = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "ETIMEDOUT",
  "ENOTFOUND",
]);

async function connected<T>(
  { host, port, adminUsername, adminPassword, trusted, username }: RedisUserInputs,
  act: (send: (...command: string[]) => Promise<unknown>) => Promise<T>,
): Promise<T> {
  // Loaded here: most runs of the plugin process only compare, and connect to nothing.
  const { createClient } = await import("@redis/client");
  const client = createClient({
    username: adminUsername,
    password: adminPassword,
    // One command after another on a server that is healthy: a lost connection is an error.
    socket: {
      host,
      port,
      connectTimeout: 10_000,
      reconnectStrategy: false,
      ...(trusted === undefined ? {} : { tls: true, ca: trusted }),
    },
  });
  client.on("error", () => undefined); // Reported by the command that it interrupts.
  try {
    await client.connect().catch((error: NodeJS.ErrnoException) => {
      const message = `${username}@${host}:${port}: ${error.message}`;
      const unreachable =
        UNREACHABLE.has(error.code ?? "") || /timeout|closed unexpectedly/i.test(message);
      throw unreachable ? new UnreachableError(message) : new Error(message);
    });
    return await act((...command) => client.sendCommand(command));
  } finally {
    client.destroy();
  }
}

/** The server's description of a user without its passwords, or undefined where there is none. */
async function describe(
  send: (...command: string[]) => Promise<unknown>,
  { username, password }: RedisUserInputs,
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

/** In place of a user's description: nothing answers where the server should. */
export const NO_ANSWER = "no answer";

/** The user at this moment, as `applied` has it, or NO_ANSWER; undefined where there is no such user. */
export async function described(state: RedisUserInputs): Promise<string | undefined> {
  try {
    return await connected(state, (send) => describe(send, state));
  } catch (error) {
    if (error instanceof UnreachableError) {
      return NO_ANSWER;
    }
    throw error;
  }
}

async function apply(inputs: RedisUserInputs): Promise<RedisUserState> {
  return connected(inputs, async (send) => {
    await send(
      "ACL",
      "SETUSER",
      inputs.username,
      "reset",
      "on",
      // A hash, so that no log of commands ever holds the password.
      `#${sha256(inputs.password)}`,
      ...inputs.rules,
    );
    await send("ACL", "SAVE");
    const applied = await describe(send, inputs);
    return { ...inputs, applied: applied ?? "", drifted: false };
  });
}

export async function check(
  _olds: unknown,
  news: RedisUserInputs,
): Promise<pulumi.dynamic.CheckResult> {
  return { inputs: news };
}

export async function diff(
  _id: string,
  olds: RedisUserState,
  news: RedisUserInputs,
): Promise<pulumi.dynamic.DiffResult> {
  const changed = [...CONNECTION, ...MANAGED].some(
    (key) => !isDeepStrictEqual(olds[key], news[key]),
  );
  return {
    changes: changed || olds.drifted,
    // A server that answers elsewhere is the same server, with its data; another name is another user.
    replaces: olds.username === news.username ? [] : ["username"],
    deleteBeforeReplace: false,
  };
}

export async function create(inputs: RedisUserInputs): Promise<pulumi.dynamic.CreateResult> {
  return { id: `${inputs.host}:${inputs.port}/${inputs.username}`, outs: await apply(inputs) };
}

export async function update(
  _id: string,
  _olds: RedisUserState,
  news: RedisUserInputs,
): Promise<pulumi.dynamic.UpdateResult> {
  return { outs: await apply(news) };
}

export async function read(id: string, state: RedisUserState): Promise<pulumi.dynamic.ReadResult> {
  const now = await described(state);
  if (now === NO_ANSWER) {
    // A refresh of a stack whose server is stopped goes on, and finds that it is stopped.
    return { id, props: state };
  }
  return now === undefined ? {} : { id, props: { ...state, drifted: now !== state.applied } };
}

async function remove(_id: string, state: RedisUserState): Promise<void> {
  await connected(state, async (send) => {
    await send("ACL", "DELUSER", state.username);
    await send("ACL", "SAVE");
  });
}
export { remove as delete };
