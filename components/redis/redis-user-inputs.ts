import type { RedisAdministrator } from "./redis-client";

export interface RedisNode {
  host: string;
  port: number;
}

/** What the state holds of a user of a Redis server. */
export interface RedisUserInputs extends RedisAdministrator {
  username: string;
  password: string;
  /** Rules as ACL SETUSER takes them, without on, reset and passwords. */
  rules: string[];
  /** Further nodes, which keep users of their own: Redis does not replicate them. Absent if there are none. */
  replicas?: RedisNode[];
  /** True if the keys of the user are deleted with it, on a server that outlives the stack. @default false */
  deleteKeys?: boolean;
}

export interface RedisUserState extends RedisUserInputs {
  /** The user as the server described it right after it was created, without its password. */
  applied: string;
  /** Whether a refresh found a description that differs from `applied`. */
  drifted: boolean;
}

/** The login of the administrator to each node, the first one first. */
export const nodesOf = <T extends RedisAdministrator & { replicas?: RedisNode[] }>(
  inputs: T,
): T[] =>
  [{ host: inputs.host, port: inputs.port }, ...(inputs.replicas ?? [])].map((node) => ({
    ...inputs,
    ...node,
  }));
