import type { RedisInstanceName } from "../../catalog/services";
import type { RedisNode } from "./redis-client";

interface Login {
  username: string;
  password: string;
}

export interface CheckedRedis {
  /** Key of the configuration that names it. */
  key: "redisServer" | "redisSessionServer";
  instance: RedisInstanceName;
  /** The first one is where services connect. */
  nodes: readonly RedisNode[];
  /** Absent where the users are given and nobody else is. */
  administrator?: Login;
  /** PEM of the authorities to trust, or `system`; absent if connections are not encrypted. */
  trusted?: string;
  /** Users by service that are there already. */
  users?: Readonly<Record<string, Login>>;
  /** Start of the names of each service's keys, without the colon. */
  keyNames: Readonly<Record<string, string>>;
  /** Longest wait for a connection, and for any answer after that. @default 10 s */
  timeoutMs?: number;
}
