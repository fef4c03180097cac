import type { RedisAdministrator, RedisNode } from "./redis-client";

/** What the state holds of a user of a Redis server. */
export interface RedisUserInputs extends RedisAdministrator {
  username: string;
  password: string;
  /** Rules as ACL SETUSER takes them, without on, reset and passwords. */
  rules: string[];
  /** Further nodes, which keep users of their own: Redis does not replicate them. */
  replicas?: RedisNode[];
  /**
   * Start of the keys that are deleted together with the user, and never empty. Absent where they stay, or where the
   * server is deleted with them.
   */
  ownKeys?: string;
}

export interface RedisUserState extends RedisUserInputs {
  /** The user as the first node described it right after it was created, without its password. */
  applied: string;
  /** The same of each further node, by host:port. */
  replicasApplied?: Record<string, string>;
  /** Whether a refresh found a description that differs from the one that was applied. */
  drifted: boolean;
  /** The nodes where it found that, as host:port; absent where there is one node. */
  driftedNodes?: string[];
}

/** How a node described the user right after it was created. */
export const appliedOn = (state: RedisUserState, index: number, address: string): string =>
  (index === 0 ? undefined : state.replicasApplied?.[address]) ?? state.applied;
