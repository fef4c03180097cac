/** Redis users that are missing or were changed by hand. */
import { isDeepStrictEqual } from "node:util";

import { NO_ANSWER, readUser } from "../../components/redis/redis-client";
import { nodesOf, type RedisUserState } from "../../components/redis/redis-user-inputs";
import { TYPES } from "../resource-types";
import type { StackResource } from "../stack/state";
import type { Drift, DriftReport } from "./drift";

export async function checkRedis(resources: readonly StackResource[]): Promise<DriftReport> {
  const users = resources.filter(({ type }) => type === TYPES.redisUser);
  const reports = await Promise.all(users.map(checkUser));
  return {
    found: reports.flatMap(({ found }) => found),
    unanswered: [...new Set(reports.flatMap(({ unanswered }) => unanswered))],
  };
}

async function checkUser({ urn, outputs }: StackResource): Promise<DriftReport> {
  const reports = await Promise.all(
    nodesOf(outputs as unknown as RedisUserState).map((node) => checkNode(urn, node)),
  );
  return {
    found: reports.flatMap(({ found }) => found),
    unanswered: reports.flatMap(({ unanswered }) => unanswered),
  };
}

async function checkNode(urn: string, state: RedisUserState): Promise<DriftReport> {
  const server = `${state.host}:${state.port}`;
  const user = `Redis user ${state.username} at ${server}`;
  try {
    const now = await readUser(state);
    if (now === NO_ANSWER) {
      return { found: [], unanswered: [`Redis at ${server}`] };
    }
    const differences: Drift[] = userDifferences(state.applied, now).map((text) => ({
      urn,
      sentence: `${user}: ${text}`,
    }));
    return { found: differences, unanswered: [] };
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
