/** The containers of one Redis server: one, two of which one follows the other, or a cluster of three. */
import type * as pulumi from "@pulumi/pulumi";

import { CACHE_NODES, type ServerName, SERVERS, SESSION_NODES } from "../catalog/servers";
import type { RedisInstanceName } from "../catalog/services";
import type { PlatformConfig } from "../config";
import { containerName, type ContainerPlace } from "./platform/container";
import { createPassword } from "./platform/password";
import type { ServerCertificates } from "./platform/platform-certificates";
import { RedisContainer, type RedisContainerArgs } from "./redis/redis-container";
import { RedisClusterGroup, RedisReplicatedGroup } from "./redis/redis-group";
import type { RedisServer } from "./redis/redis-server";

type Node = (typeof CACHE_NODES | typeof SESSION_NODES)[number];

interface RedisContainersArgs {
  config: PlatformConfig;
  place(server: ServerName): ContainerPlace;
  certificates: { servers: Readonly<Record<Node, ServerCertificates>> } | undefined;
}

/** Creates what the configuration asks for. The first node's resources are the same in each form. */
export function createRedisContainers(
  instance: RedisInstanceName,
  { config, place, certificates }: RedisContainersArgs,
  child: pulumi.ComponentResourceOptions,
): RedisServer & pulumi.Resource {
  const ports = {
    cache: config.redisPort,
    cache2: config.redis2Port,
    cache3: config.redis3Port,
    session: config.redisSessionPort,
    sessionReplica: config.redisSessionReplicaPort,
  };
  const name = SERVERS[instance].role;
  if (instance === "cache" && config.redisCacheCluster) {
    return new RedisClusterGroup(`${name}-cluster`, createCluster(), child);
  }
  if (instance === "session" && config.redisSessionReplica) {
    return createReplicated();
  }
  return create(instance, {});

  function create(node: Node, more: Partial<RedisContainerArgs>): RedisContainer {
    return new RedisContainer(
      SERVERS[node].role,
      { ...place(node), instance, port: ports[node], tls: certificates?.servers[node], ...more },
      child,
    );
  }

  function createCluster(): RedisContainer[] {
    const peersOf = (node: Node) => CACHE_NODES.filter((other) => other !== node).map(nameOf);
    const first = create("cache", { clusterPeers: peersOf("cache") });
    const administratorPassword = first.administrator.password;
    const others = CACHE_NODES.slice(1).map((node) =>
      create(node, { clusterPeers: peersOf(node), administratorPassword }),
    );
    return [first, ...others];
  }

  function createReplicated(): RedisReplicatedGroup {
    const password = createPassword(`${name}-replication`, child);
    const [first, second] = SESSION_NODES;
    const primary = create(first, {
      replication: { peer: nameOf(second), follows: false, password },
    });
    const replica = create(second, {
      replication: { peer: nameOf(first), follows: true, password },
      administratorPassword: primary.administrator.password,
    });
    return new RedisReplicatedGroup(`${name}-replicated`, [primary, replica], password, child);
  }

  function nameOf(node: Node): string {
    const { platform, role } = place(node);
    return containerName(platform, role);
  }
}
