/** Runs in Pulumi's plugin process: what RedisUser does on each node of a server. */
import { isDeepStrictEqual } from "node:util";

import type * as pulumi from "@pulumi/pulumi";

import { endPluginWithEngine } from "../../runtime/engine-lifetime";
import {
  addressOf,
  asAdministrator,
  describeUser,
  NO_ANSWER,
  nodesOf,
  readUser,
  type RedisNode,
  sha256,
} from "./redis-client";
import { deleteKeys } from "./redis-keys";
import { saveUsers } from "./redis-save";
import { appliedOn, type RedisUserInputs, type RedisUserState } from "./redis-user-inputs";

endPluginWithEngine();

const CONNECTION = [
  "replicas",
  "host",
  "port",
  "adminUsername",
  "adminPassword",
  "trusted",
] as const;
const MANAGED = ["username", "password", "rules", "ownKeys"] as const;

/** Makes the user the same on every node: after a failover, services log in to another one. */
async function apply(inputs: RedisUserInputs): Promise<RedisUserState> {
  const [applied, ...others] = await onEachNode(inputs, (node) => applyOn(node, inputs));
  const { replicas = [] } = inputs;
  return {
    ...inputs,
    applied,
    ...(replicas.length > 0 && {
      replicasApplied: Object.fromEntries(
        replicas.map((node, index) => [addressOf(node), others[index]]),
      ),
    }),
    drifted: false,
  };
}

/** Makes the user on one node, and returns how the node describes it. */
function applyOn(node: RedisNode, inputs: RedisUserInputs): Promise<string> {
  const { username, password, rules } = inputs;
  return asAdministrator({ ...inputs, ...node }, username, async (send) => {
    // A hash, so that no log of commands contains the password.
    await send("ACL", "SETUSER", username, "reset", "on", `#${sha256(password)}`, ...rules);
    const isKept = await saveUsers(send);
    if (!isKept) {
      // eslint-disable-next-line no-console
      console.log(
        `${addressOf(node)} has no file to keep users in: a restart of it forgets ${username}, and the next up makes it again.`,
      );
    }
    return (await describeUser(send, inputs)) ?? "";
  });
}

/**
 * Acts on all nodes, also where one fails.
 * @throws Error with the message of each node that failed
 */
async function onEachNode<T>(
  inputs: RedisUserInputs,
  act: (node: RedisNode, index: number) => Promise<T>,
): Promise<T[]> {
  const results = await Promise.allSettled(nodesOf(inputs).map(act));
  const failed = results.filter((result) => result.status === "rejected");
  if (failed.length > 0) {
    const messages = failed.map(({ reason }) => (reason as Error).message);
    throw new Error(messages.join("\n"), { cause: failed[0].reason });
  }
  return results.map((result) => (result as PromiseFulfilledResult<T>).value);
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
  const nodes = nodesOf(state);
  const found = await onEachNode(state, (node) => readUser({ ...state, ...node }));
  if (found.every((now) => now === undefined)) {
    return {};
  }
  // Nothing is known of a user where the server is stopped. The refresh continues, and finds that in the container.
  if (found.every((now) => now === NO_ANSWER)) {
    return { id, props: state };
  }
  const driftedNodes = nodes.map(addressOf).filter((address, index) => {
    const now = found[index];
    return now !== NO_ANSWER && now !== appliedOn(state, index, address);
  });
  const props: RedisUserState = { ...state, drifted: driftedNodes.length > 0, driftedNodes };
  if (driftedNodes.length === 0 || nodes.length === 1) {
    delete props.driftedNodes;
  }
  return { id, props };
}

/** Deletes the user first, which ends its connections, so that nobody writes keys that are being deleted. */
async function remove(_id: string, state: RedisUserState): Promise<void> {
  const { username, ownKeys } = state;
  await onEachNode(state, (node) =>
    asAdministrator({ ...state, ...node }, username, async (send) => {
      await send("ACL", "DELUSER", username);
      await saveUsers(send);
    }),
  );
  if (ownKeys !== undefined) {
    const deleted = await onEachNode(state, (node) =>
      asAdministrator({ ...state, ...node }, username, (send) => deleteKeys(send, ownKeys)),
    );
    if (!deleted.includes(true)) {
      const nodes = nodesOf(state).map(addressOf).join(", ");
      throw new Error(
        `keys that begin with ${ownKeys} are left: all nodes are replicas (${nodes})`,
      );
    }
  }
}
export { remove as delete };
