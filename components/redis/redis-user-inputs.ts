import type { RedisAdministrator } from "./redis-client";

/** What the state holds of a user of a Redis server. */
export interface RedisUserInputs extends RedisAdministrator {
  username: string;
  password: string;
  /** Rules as ACL SETUSER takes them, without on, reset and passwords. */
  rules: string[];
  /** False if the server has no file for its users, so that ACL SAVE would fail. @default true */
  aclFile?: boolean;
}

export interface RedisUserState extends RedisUserInputs {
  /** The user as the server described it right after it was created, without its password. */
  applied: string;
  /** Whether a refresh found a description that differs from `applied`. */
  drifted: boolean;
}
