import type * as postgresql from "@pulumi/postgresql";

import type { Server } from "../platform/server";

/** A PostgreSQL server of version 16 or later. */
export interface PostgresServer extends Server {
  /** Where services connect, perhaps through a pooler. */
  readonly host: string;
  readonly port: number;
  /** Where the administrator and migrations connect: the server itself. */
  readonly direct: { readonly host: string; readonly port: number };
  /** Acts on the server as its administrator, once the server is ready. */
  readonly provider: postgresql.Provider;
  readonly capabilities: PostgresCapabilities;
}

export interface PostgresCapabilities {
  /**
   * Extensions that its administrator may create. A superuser may create all that the server has files of;
   * managed servers have no superuser and publish a list.
   */
  readonly extensions: "all" | readonly string[];
}
