import type { RedisAdministrator } from "./redis-client";

/** What the state holds of a user of a Redis server. */
export interface RedisUserInputs extends RedisAdministrator {
  username: string;
  password: string;
  /** Rules as ACL SETUSER takes them, without on, reset and passwords. */
  rules: string[];
  /** Further nodes, which keep users of their own. */
  replicas?: { host: string; port: number }[];
}

export interface RedisUserState extends RedisUserInputs {
  /** The user as the server described it right after it was created, without its password. */
  applied: string;
  /** Whether a refresh found a description that differs from `applied`. */
  drifted: boolean;
}
