/** Redis users that are missing or were changed by hand. */
import { isDeepStrictEqual } from "node:util";

import {
  addressOf,
  isUnreachable,
  NO_ANSWER,
  nodesOf,
  readUser,
  type RedisNode,
} from "../../components/redis/redis-client";
import { findClusterFaults } from "../../components/redis/redis-forming";
import type {
  RedisClusterInputs,
  RedisReplicationInputs,
} from "../../components/redis/redis-nodes-inputs";
import { findRoleFaults } from "../../components/redis/redis-roles";
import { appliedOn, type RedisUserState } from "../../components/redis/redis-user-inputs";
import { TYPES } from "../resource-types";
import type { StackResource } from "../stack/state";
import type { DriftReport } from "./drift";

/** How long a check waits for a server that accepts it and is silent. It is then unknown, which is no drift. */
const PATIENCE_MS = 4_000;

export async function checkRedis(
  resources: readonly StackResource[],
  patienceMs = PATIENCE_MS,
): Promise<DriftReport> {
  const ofType = (wanted: string) => resources.filter(({ type }) => type === wanted);
  const reports = await Promise.all([
    ...ofType(TYPES.redisUser).map((user) => checkUser(user, patienceMs)),
    ...ofType(TYPES.redisCluster).map((resource) =>
      checkNodes(resource, ({ nodes, ...login }: RedisClusterInputs) =>
        findClusterFaults(nodes, login),
      ),
    ),
    ...ofType(TYPES.redisReplication).map((resource) =>
      checkNodes(resource, ({ nodes, ...login }: RedisReplicationInputs) =>
        findRoleFaults(nodes, login),
      ),
    ),
  ]);
  return {
    found: reports.flatMap(({ found }) => found),
    unanswered: [...new Set(reports.flatMap(({ unanswered }) => unanswered))],
  };
}

/** Servers that belong together: a cluster, or a primary with its replica. */
async function checkNodes<I extends { nodes: readonly RedisNode[] }>(
  { urn, outputs }: StackResource,
  findFaults: (inputs: I) => Promise<string[]>,
): Promise<DriftReport> {
  const inputs = outputs as unknown as I;
  const addresses = inputs.nodes.map(addressOf).join(", ");
  try {
    const faults = await findFaults(inputs);
    return {
      found: faults.map((text) => ({ urn, sentence: `Redis at ${addresses}: ${text}` })),
      unanswered: [],
    };
  } catch (error) {
    if (isUnreachable(error as Error)) {
      // The users' check says which node it is.
      return { found: [], unanswered: [`Redis at ${addresses}`] };
    }
    return {
      found: [{ sentence: `Redis at ${addresses}: ${(error as Error).message}` }],
      unanswered: [],
    };
  }
}

async function checkUser(
  { urn, outputs }: StackResource,
  patienceMs: number,
): Promise<DriftReport> {
  const state = outputs as unknown as RedisUserState;
  const nodes = await Promise.all(
    nodesOf(state).map((node, index) => checkNode({ urn, state, node, index, patienceMs })),
  );
  return {
    found: nodes.flatMap(({ found }) => found),
    unanswered: nodes.flatMap(({ unanswered }) => unanswered),
  };
}

interface UserOnNode {
  urn: string;
  state: RedisUserState;
  node: RedisNode;
  index: number;
  patienceMs: number;
}

/** The user on one node: each node keeps users of its own. */
async function checkNode({
  urn,
  state,
  node,
  index,
  patienceMs,
}: UserOnNode): Promise<DriftReport> {
  const address = addressOf(node);
  const user = `Redis user ${state.username} at ${address}`;
  try {
    const now = await readUser({ ...state, ...node, timeoutMs: patienceMs });
    if (now === NO_ANSWER) {
      return { found: [], unanswered: [`Redis at ${address}`] };
    }
    const differences = userDifferences(appliedOn(state, index, address), now);
    return {
      found: differences.map((text) => ({ urn, sentence: `${user}: ${text}` })),
      unanswered: [],
    };
  } catch (error) {
    return { found: [{ sentence: `${user}: ${(error as Error).message}` }], unanswered: [] };
  }
}

/**
 * The differences between two descriptions of a user, each as ACL GETUSER gives it.
 * @param now undefined where there is no such user
 */
export function userDifferences(applied: string, now: string | undefined): string[] {
  if (now === undefined) {
    return ["missing"];
  }
  const [expected, found] = [applied, now].map(
    (text) => JSON.parse(text) as Record<string, unknown>,
  );
  return [...new Set([...Object.keys(expected), ...Object.keys(found)])]
    .filter((field) => !isDeepStrictEqual(expected[field], found[field]))
    .map((field) => {
      if (field === "passwords") {
        return "its password is not the stack's";
      }
      const [before, after] = [words(expected[field]), words(found[field])];
      const changes = [
        ...after.filter((word) => !before.includes(word)).map((word) => `${word} was added`),
        ...before.filter((word) => !after.includes(word)).map((word) => `${word} is missing`),
      ];
      return `${field}: ${changes.join(", ") || "in another order"}`;
    });
}

/** The rules of a field, which is a text or a list. */
function words(value: unknown): string[] {
  return Array.isArray(value)
    ? value.map((item) => (typeof item === "string" ? item : JSON.stringify(item)))
    : String(value ?? "")
        .split(" ")
        .filter((word) => word !== "");
}
