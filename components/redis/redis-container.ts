import * as pulumi from "@pulumi/pulumi";

import type { RedisInstanceName } from "../../catalog/services";
import {
  containerName,
  type ContainerPlace,
  createContainer,
  createVolume,
  type ServiceContainerArgs,
} from "../platform/container";
import { createPassword } from "../platform/password";
import type { ServerCertificates } from "../platform/platform-certificates";
import { TLS_FILES, tlsUploads } from "../platform/tls-files";
import {
  bootstrapAcl,
  HEALTH_USER,
  REDIS_ADMIN,
  REDIS_PORT,
  redisConfig,
  replicationLogin,
} from "./redis-config";
import type { RedisServer } from "./redis-server";
import { BOOTSTRAP_ACL_FILE, CONFIG_FILE, REPLICATION_FILE, startCommand } from "./redis-start";

export interface RedisContainerArgs extends ContainerPlace {
  /** Purpose of the server, which decides whether it evicts keys and what it writes to disk. */
  instance: RedisInstanceName;
  /** Port of the host. */
  port: number;
  /** Without them, connections are not encrypted. */
  tls?: ServerCertificates;
  /** Password of the administrator, for a further node of a server. By default the container makes its own. */
  administratorPassword?: pulumi.Output<string>;
  /** Names of the other nodes, for a node of a cluster. It listens on the port of the host, also in its container. */
  clusterPeers?: readonly string[];
  /** For one of two servers of which one follows the other. */
  replication?: {
    /** Name of the other one on the platform's network. */
    peer: string;
    /** Whether it follows the other one at the first start. */
    follows: boolean;
    /** Of the user by which it follows; secret. */
    password: pulumi.Output<string>;
  };
}

/** A Redis 7 server in a container, without a default user. Services get users of their own (RedisAccounts). */
export class RedisContainer extends pulumi.ComponentResource implements RedisServer {
  public readonly host: string;
  public readonly port: number;
  public readonly nodes: RedisServer["nodes"];
  public readonly containerName: string;
  public readonly internalPort: number;
  public readonly administrator: NonNullable<RedisServer["administrator"]>;
  public readonly trusted?: pulumi.Output<string>;
  public readonly ready: pulumi.Resource;
  public readonly lifetime: pulumi.Resource;
  /** Changes whenever the container is another one. */
  public readonly containerId: pulumi.Output<string>;

  constructor(name: string, args: RedisContainerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("learning-platform:redis:RedisInstance", name, {}, opts);
    const { platform, role } = args;
    const child = { parent: this };
    const password = args.administratorPassword ?? createPassword(name, child);
    const volume = createVolume(`${name}-data`, platform, role, child);

    this.host = platform.host;
    this.port = args.port;
    this.internalPort = internalPortOf(args);
    this.containerName = containerName(platform, role);
    this.nodes = [
      {
        host: this.host,
        port: this.port,
        internalAddress: `${this.containerName}:${this.internalPort}`,
      },
    ];
    this.administrator = { username: REDIS_ADMIN, password };
    this.trusted = args.tls?.trusted;
    this.lifetime = volume;
    const container = createContainer(name, serverContainer(args, password, volume.name), child);
    this.ready = container;
    this.containerId = container.id;
    this.registerOutputs({
      host: this.host,
      port: this.port,
      containerName: this.containerName,
      adminUsername: REDIS_ADMIN,
      adminPassword: password,
    });
  }
}

const internalPortOf = ({ clusterPeers, port }: RedisContainerArgs) =>
  clusterPeers === undefined ? REDIS_PORT : port;

function serverContainer(
  args: RedisContainerArgs,
  adminPassword: pulumi.Output<string>,
  volumeName: pulumi.Output<string>,
): ServiceContainerArgs {
  const { platform, role, instance, memoryMb, tls, clusterPeers, replication } = args;
  const name = containerName(platform, role);
  const port = internalPortOf(args);
  const encrypted = tls ? `--tls --cacert ${TLS_FILES.trusted} ` : "";
  const listens = port === REDIS_PORT ? "" : `-p ${port} `;
  return {
    ...args,
    ports: [{ internal: port, external: args.port }],
    uploads: [
      {
        file: CONFIG_FILE,
        content: redisConfig(instance, {
          ...{ memoryMb, tls: tls !== undefined, fsync: platform.fsync },
          ...(clusterPeers && { cluster: { port, name } }),
          ...(replication && { replication: { name, loginFile: REPLICATION_FILE } }),
        }),
        permissions: "0444",
      },
      {
        file: BOOTSTRAP_ACL_FILE,
        content: pulumi.secret(adminPassword.apply(bootstrapAcl)),
        permissions: "0400",
      },
      ...(replication
        ? [
            {
              file: REPLICATION_FILE,
              content: pulumi.secret(replication.password.apply(replicationLogin)),
              permissions: "0400",
            },
          ]
        : []),
      ...tlsUploads(tls, "0400"),
    ],
    volume: { name: volumeName, path: "/data" },
    entrypoints: ["/bin/sh", "-c"],
    command: [startCommand({ tls: tls !== undefined, clusterPeers, replication })],
    // While it still loads its data it answers an error instead of PONG.
    probe: [
      ...["sh", "-c"],
      `redis-cli -h 127.0.0.1 ${listens}${encrypted}--no-auth-warning --user ${HEALTH_USER} --pass none ping | grep -q PONG`,
    ],
  };
}
