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
  ACL_FILE,
  bootstrapAcl,
  HEALTH_USER,
  REDIS_ADMIN,
  REDIS_PORT,
  redisConfig,
} from "./redis-config";
import type { RedisServer } from "./redis-server";

const CONFIG_FILE = "/etc/platform/redis.conf";
const BOOTSTRAP_ACL_FILE = "/etc/platform/users.acl";

export interface RedisContainerArgs extends ContainerPlace {
  /** Purpose of the server, which decides whether it evicts keys and what it writes to disk. */
  instance: RedisInstanceName;
  /** Port of the host. */
  port: number;
  /** Without them, connections are not encrypted. */
  tls?: ServerCertificates;
}

/** A Redis 7 server in a container, without a default user. Services get users of their own (RedisAccounts). */
export class RedisContainer extends pulumi.ComponentResource implements RedisServer {
  public readonly host: string;
  public readonly port: number;
  public readonly nodes: RedisServer["nodes"];
  public readonly containerName: string;
  public readonly internalPort = REDIS_PORT;
  public readonly administrator: NonNullable<RedisServer["administrator"]>;
  public readonly trusted?: pulumi.Output<string>;
  public readonly ready: pulumi.Resource;
  public readonly lifetime: pulumi.Resource;

  constructor(name: string, args: RedisContainerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("learning-platform:redis:RedisInstance", name, {}, opts);
    const { platform, role } = args;
    const child = { parent: this };
    const password = createPassword(name, child);
    const volume = createVolume(`${name}-data`, platform, role, child);

    this.host = platform.host;
    this.port = args.port;
    this.nodes = [{ host: this.host, port: this.port }];
    this.containerName = containerName(platform, role);
    this.administrator = { username: REDIS_ADMIN, password };
    this.trusted = args.tls?.trusted;
    this.lifetime = volume;
    this.ready = createContainer(name, serverContainer(args, password, volume.name), child);
    this.registerOutputs({
      host: this.host,
      port: this.port,
      containerName: this.containerName,
      adminUsername: REDIS_ADMIN,
      adminPassword: password,
    });
  }
}

function serverContainer(
  args: RedisContainerArgs,
  adminPassword: pulumi.Output<string>,
  volumeName: pulumi.Output<string>,
): ServiceContainerArgs {
  const { platform, instance, memoryMb, tls } = args;
  // The server must be able to read its key, and uploaded files belong to root.
  const ownKey = tls ? `chown "$owner" ${TLS_FILES.privateKey}; ` : "";
  const encrypted = tls ? `--tls --cacert ${TLS_FILES.trusted} ` : "";
  return {
    ...args,
    ports: [{ internal: REDIS_PORT, external: args.port }],
    uploads: [
      {
        file: CONFIG_FILE,
        content: redisConfig(instance, { memoryMb, tls: tls !== undefined, fsync: platform.fsync }),
        permissions: "0444",
      },
      {
        file: BOOTSTRAP_ACL_FILE,
        content: pulumi.secret(adminPassword.apply(bootstrapAcl)),
        permissions: "0400",
      },
      ...tlsUploads(tls, "0400"),
    ],
    volume: { name: volumeName, path: "/data" },
    // The uploaded file has the users of the first start. Later ones are in the server's own file, which ACL SAVE
    // writes. The volume belongs to the image's user, whatever its name: valkey's image has no user redis, and its
    // entrypoint drops root for valkey-server alone (valkey-io/valkey-container, docker-entrypoint.sh).
    entrypoints: ["/bin/sh", "-c"],
    command: [
      `owner=$(stat -c %u /data); ` +
        `[ -f ${ACL_FILE} ] || { cp ${BOOTSTRAP_ACL_FILE} ${ACL_FILE} && chmod 600 ${ACL_FILE} && chown "$owner" ${ACL_FILE}; }; ` +
        `${ownKey}server=redis-server; command -v valkey-server >/dev/null && server=valkey-server; ` +
        `exec docker-entrypoint.sh "$server" ${CONFIG_FILE}`,
    ],
    // While it still loads its data it answers an error instead of PONG.
    probe: [
      ...["sh", "-c"],
      `redis-cli -h 127.0.0.1 ${encrypted}--no-auth-warning --user ${HEALTH_USER} --pass none ping | grep -q PONG`,
    ],
  };
}
