import type { RedisNode } from "./redis-client";
import type { NodesLogin, ReplicatedNode } from "./redis-roles";

/** What the state holds of servers that belong together. */
interface NodesInputs<N extends RedisNode> extends NodesLogin {
  nodes: N[];
  /** Identifiers of the containers, so that an update that replaces one looks at the nodes again. */
  containers: string[];
}

export type RedisClusterInputs = NodesInputs<RedisNode>;
export type RedisReplicationInputs = NodesInputs<ReplicatedNode>;

/** The same with what a refresh found. */
export type Refreshed<I> = I & { drifted: boolean };
