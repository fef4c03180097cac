/** Several containers that are one Redis server to services. */
import * as pulumi from "@pulumi/pulumi";

import { DynamicResource, type Inputs } from "../platform/dynamic-resource";
import { REPLICATION_RULES, REPLICATION_USER } from "./redis-config";
import type { RedisContainer } from "./redis-container";
import type { RedisClusterInputs, RedisReplicationInputs } from "./redis-nodes-inputs";
import type { RedisServer } from "./redis-server";
import { RedisUser, userPlace } from "./redis-user";

/** What services know of several containers: the first one, and the others as further nodes. */
export abstract class RedisGroup extends pulumi.ComponentResource implements RedisServer {
  public readonly host: string;
  public readonly port: number;
  public readonly nodes: RedisServer["nodes"];
  public readonly containerName: string;
  public readonly internalPort: number;
  public readonly administrator: RedisContainer["administrator"];
  public readonly trusted?: pulumi.Output<string>;
  public readonly lifetime: pulumi.Resource;
  public abstract readonly ready: pulumi.Resource;

  protected constructor(
    type: string,
    name: string,
    public readonly members: readonly RedisContainer[],
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super(`learning-platform:redis:${type}`, name, {}, opts);
    const [first] = members;
    this.host = first.host;
    this.port = first.port;
    this.nodes = members.flatMap(({ nodes }) => nodes);
    this.containerName = first.containerName;
    this.internalPort = first.internalPort;
    this.administrator = first.administrator;
    this.trusted = first.trusted;
    this.lifetime = first.lifetime;
  }

  /** What the resource that binds the nodes together is given. */
  protected binding() {
    return {
      containers: pulumi.all(this.members.map(({ containerId }) => containerId)),
      adminUsername: this.administrator.username,
      adminPassword: this.administrator.password,
      trusted: this.trusted,
    };
  }
}

/** A cluster whose nodes share the keys, without copies: it is a cache. */
export class RedisClusterGroup extends RedisGroup {
  public readonly isCluster = true;
  public readonly ready: pulumi.Resource;

  constructor(
    name: string,
    members: readonly RedisContainer[],
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("Cluster", name, members, opts);
    this.ready = new RedisCluster(
      name,
      { nodes: this.nodes.map(({ host, port }) => ({ host, port })), ...this.binding() },
      { parent: this, dependsOn: members.map(({ ready }) => ready) },
    );
    this.registerOutputs({});
  }
}

/** Two servers of which one follows the other, and can take its place. */
export class RedisReplicatedGroup extends RedisGroup {
  public readonly ready: pulumi.Resource;

  /** @param password of the user by which a server follows the other; secret */
  constructor(
    name: string,
    members: readonly RedisContainer[],
    password: pulumi.Output<string>,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("ReplicatedServers", name, members, opts);
    const child = { parent: this };
    const user = new RedisUser(
      `${name}-${REPLICATION_USER}`,
      {
        ...userPlace(`${name}-replication`, this),
        username: REPLICATION_USER,
        password,
        rules: [...REPLICATION_RULES],
      },
      { ...child, dependsOn: members.map(({ ready }) => ready), deletedWith: this.lifetime },
    );
    this.ready = new RedisReplication(
      name,
      {
        nodes: this.nodes.map(({ host, port, internalAddress = "" }) => ({
          ...{ host, port, internalAddress },
        })),
        ...this.binding(),
      },
      { ...child, dependsOn: user },
    );
    this.registerOutputs({});
  }
}

class RedisCluster extends DynamicResource {
  constructor(name: string, args: Inputs<RedisClusterInputs>, opts: pulumi.CustomResourceOptions) {
    super("redis-cluster", "redis:Cluster", name, withSecret(args), secretly(opts));
  }
}

class RedisReplication extends DynamicResource {
  constructor(
    name: string,
    args: Inputs<RedisReplicationInputs>,
    opts: pulumi.CustomResourceOptions,
  ) {
    super("redis-replication", "redis:Replication", name, withSecret(args), secretly(opts));
  }
}

const withSecret = <T extends { adminPassword: pulumi.Input<string> }>(args: T) => ({
  ...args,
  adminPassword: pulumi.secret(args.adminPassword),
});

const secretly = (opts: pulumi.CustomResourceOptions): pulumi.CustomResourceOptions => ({
  ...opts,
  additionalSecretOutputs: ["adminPassword"],
});
