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
import type { RedisUserInputs, RedisUserState } from "./redis-user-inputs";

endPluginWithEngine();

const CONNECTION = [
  "replicas",
  "host",
  "port",
  "adminUsername",
  "adminPassword",
  "trusted",
] as const;
const MANAGED = ["username", "password", "rules"] as const;

/** Writes the server's users to its file. */
async function save(send: Send): Promise<void> {
  await send("ACL", "SAVE");
}

async function apply(inputs: RedisUserInputs): Promise<RedisUserState> {
  return asAdministrator(inputs, inputs.username, async (send) => {
    await send(
      "ACL",
      "SETUSER",
      inputs.username,
      "reset",
      "on",
      // A hash, so that no log of commands contains the password.
      `#${sha256(inputs.password)}`,
      ...inputs.rules,
    );
    await save(send);
    const applied = await describeUser(send, inputs);
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
  const now = await readUser(state);
  if (now === NO_ANSWER) {
    // The server is stopped. The refresh continues, and finds that in the container.
    return { id, props: state };
  }
  return now === undefined ? {} : { id, props: { ...state, drifted: now !== state.applied } };
}

async function remove(_id: string, state: RedisUserState): Promise<void> {
  await asAdministrator(state, state.username, async (send) => {
    await send("ACL", "DELUSER", state.username);
    await save(send);
  });
}
export { remove as delete };
