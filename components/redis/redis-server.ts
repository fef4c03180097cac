import type * as pulumi from "@pulumi/pulumi";

import type { Server } from "../platform/server";

interface ServerNode {
  readonly host: string;
  readonly port: number;
  /** host:port on the platform's network; undefined if the stack does not run it. */
  readonly internalAddress?: string;
}

/** A Redis server, of version 7 or a compatible one such as Valkey. */
export interface RedisServer extends Omit<Server, "administrator"> {
  /** Where services connect: the first node. */
  readonly host: string;
  readonly port: number;
  /** All nodes. Each keeps users of its own: Redis does not replicate them. */
  readonly nodes: readonly ServerNode[];
  /** Whether keys are spread over the nodes, so that clients must be clients of Redis Cluster. @default false */
  readonly isCluster?: boolean;
  /** The login that creates users; undefined where they are given. */
  readonly administrator?: Server["administrator"];
  /** Users by service that are there already; undefined where the stack creates them. */
  readonly users?: Readonly<
    Record<string, { readonly username: string; readonly password: pulumi.Output<string> }>
  >;
}
