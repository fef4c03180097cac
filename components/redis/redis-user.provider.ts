/** Runs in Pulumi's plugin process: what RedisUser does on a server. */
import { isDeepStrictEqual } from "node:util";

import type * as pulumi from "@pulumi/pulumi";

import { endPluginWithEngine } from "../../runtime/engine-lifetime";
import {
  asAdministrator,
  describeUser,
  NO_ANSWER,
  readUser,
  type Send,
  sha256,
} from "./redis-client";
import { nodesOf, type RedisUserInputs, type RedisUserState } from "./redis-user-inputs";

endPluginWithEngine();

const CONNECTION = [
  "replicas",
  "host",
  "port",
  "adminUsername",
  "adminPassword",
  "trusted",
] as const;
const MANAGED = ["username", "password", "rules", "deleteKeys"] as const;

/** Redis 7.2, src/acl.c, aclCommand: the answer to ACL SAVE of a server that has no file for its users. */
const NO_FILE = /not configured to use an ACL file/;

/**
 * Makes the users of a node survive its restart: in its file of users or, if it has none, in its own configuration.
 * @returns false if it has neither, or lets nobody write it, as managed servers do
 */
async function save(send: Send): Promise<boolean> {
  try {
    await send("ACL", "SAVE");
    return true;
  } catch (error) {
    if (!NO_FILE.test((error as Error).message)) {
      throw error;
    }
  }
  return send("CONFIG", "REWRITE").then(
    () => true,
    () => false,
  );
}

/** Creates or changes the user on one node. @returns its description */
const applyOn = (node: RedisUserInputs) =>
  asAdministrator(node, node.username, async (send) => {
    await send(
      "ACL",
      "SETUSER",
      node.username,
      "reset",
      "on",
      // A hash, so that no log of commands contains the password.
      `#${sha256(node.password)}`,
      ...node.rules,
    );
    if (!(await save(send))) {
      // eslint-disable-next-line no-console
      console.log(
        `Redis at ${node.host}:${node.port} keeps its users in memory alone: a restart forgets ${node.username}, and up creates it again.`,
      );
    }
    return describeUser(send, node);
  });

async function apply(inputs: RedisUserInputs): Promise<RedisUserState> {
  const [applied = ""] = await Promise.all(nodesOf(inputs).map(applyOn));
  return { ...inputs, applied, drifted: false };
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
    // A server with a new address is the same server, with its data. Another name is another user.
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
  const found = await Promise.all(nodesOf(state).map(readUser));
  // A node that does not answer is stopped. The refresh continues, and finds that in its container.
  const known = found.filter((description) => description !== NO_ANSWER);
  if (known.length > 0 && known.every((description) => description === undefined)) {
    return {};
  }
  const drifted = known.some((description) => description !== state.applied);
  return { id, props: known.length === 0 ? state : { ...state, drifted } };
}

const KEYS_AT_ONCE = 1_000;

async function remove(_id: string, state: RedisUserState): Promise<void> {
  const [first] = nodesOf(state);
  if (state.deleteKeys) {
    await asAdministrator(first, state.username, (send) => deleteKeys(send, `${state.username}:`));
  }
  await Promise.all(
    nodesOf(state).map((node) =>
      asAdministrator(node, state.username, async (send) => {
        await send("ACL", "DELUSER", state.username);
        await save(send);
      }),
    ),
  );
}
export { remove as delete };

/** Deletes every key that begins so. Replicas do the same by themselves. */
async function deleteKeys(send: Send, prefix: string): Promise<void> {
  let cursor = "0";
  do {
    const [next, keys] = (await send(
      ...["SCAN", cursor, "MATCH", `${prefix}*`, "COUNT", String(KEYS_AT_ONCE)],
    )) as [string, string[]];
    if (keys.length > 0) {
      await send("UNLINK", ...keys);
    }
    cursor = String(next);
  } while (cursor !== "0");
}
