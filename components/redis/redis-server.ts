import type { Server } from "../platform/server";

/** A Redis server, of version 7 or a compatible one such as Valkey. */
export interface RedisServer extends Server {
  readonly host: string;
  readonly port: number;
  readonly capabilities: RedisCapabilities;
}

export interface RedisCapabilities {
  /** Whether it keeps its users in a file, so that ACL SAVE makes them survive a restart; otherwise ACL SAVE fails. */
  readonly aclFile: boolean;
}
