import * as pulumi from "@pulumi/pulumi";

import type { RedisInstanceName } from "../../catalog/services";
import {
  containerName,
  createContainer,
  createVolume,
  type PlatformSettings,
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

const CONFIG_FILE = "/etc/platform/redis.conf";
const BOOTSTRAP_ACL_FILE = "/etc/platform/users.acl";

export interface RedisInstanceArgs {
  platform: PlatformSettings;
  /** End of the container's name. */
  role: string;
  /** What the instance is for, which decides whether it evicts and what it writes to disk. */
  instance: RedisInstanceName;
  image: string;
  memoryMb: number;
  /** Port of the host. */
  port: number;
  /** Without them, connections are in clear. */
  tls?: ServerCertificates;
}

/** A Redis 7 server without a default user; services get users of their own (RedisUser). */
export class RedisInstance extends pulumi.ComponentResource {
  public readonly instance: RedisInstanceName;
  public readonly host = "localhost";
  public readonly port: number;
  public readonly containerName: string;
  public readonly adminUsername = REDIS_ADMIN;
  /** Password of the administrator; secret. */
  public readonly adminPassword: pulumi.Output<string>;
  /** PEM of the authorities that clients are to trust; undefined where connections are in clear. */
  public readonly trusted?: pulumi.Output<string>;
  /** Settles when the server is healthy. */
  public readonly ready: pulumi.Resource;
  /** Deleted with the server's data. */
  public readonly data: pulumi.Resource;

  constructor(name: string, args: RedisInstanceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("learning-platform:redis:RedisInstance", name, {}, opts);
    const { platform, role, instance, memoryMb, tls } = args;
    const child = { parent: this };

    const adminPassword = createPassword(name, child);
    const volume = createVolume(`${name}-data`, platform, role, child);
    this.ready = createServer();
    this.instance = instance;
    this.port = args.port;
    this.containerName = containerName(platform, role);
    this.adminPassword = adminPassword;
    this.trusted = tls?.trusted;
    this.data = volume;
    this.registerOutputs({
      host: this.host,
      port: this.port,
      containerName: this.containerName,
      adminUsername: this.adminUsername,
      adminPassword: this.adminPassword,
    });

    function createServer() {
      // The server takes a key that it can read; files that are put into a container are root's.
      const ownKey = tls ? `chown "$owner" ${TLS_FILES.privateKey}; ` : "";
      const encrypted = tls ? `--tls --cacert ${TLS_FILES.trusted} ` : "";
      return createContainer(
        name,
        {
          platform,
          role,
          image: args.image,
          memoryMb,
          ports: [{ internal: REDIS_PORT, external: args.port }],
          uploads: [
            {
              file: CONFIG_FILE,
              content: redisConfig(instance, memoryMb, tls !== undefined),
              permissions: "0444",
            },
            {
              file: BOOTSTRAP_ACL_FILE,
              content: pulumi.secret(adminPassword.apply(bootstrapAcl)),
              permissions: "0400",
            },
            ...tlsUploads(tls, "0400"),
          ],
          volume: { name: volume.name, path: "/data" },
          // The users of the first start; later ones are the server's own, kept by ACL SAVE. The volume is the
          // image's user's, whatever its name: valkey's image has no user redis, and its entrypoint leaves root
          // for valkey-server alone (valkey-io/valkey-container, docker-entrypoint.sh).
          entrypoints: ["/bin/sh", "-c"],
          command: [
            `owner=$(stat -c %u /data); ` +
              `[ -f ${ACL_FILE} ] || { cp ${BOOTSTRAP_ACL_FILE} ${ACL_FILE} && chmod 600 ${ACL_FILE} && chown "$owner" ${ACL_FILE}; }; ` +
              `${ownKey}server=redis-server; command -v valkey-server >/dev/null && server=valkey-server; ` +
              `exec docker-entrypoint.sh "$server" ${CONFIG_FILE}`,
          ],
          // Answers an error, not PONG, while it still loads its data.
          healthTest: [
            "CMD-SHELL",
            `redis-cli -h 127.0.0.1 ${encrypted}--no-auth-warning --user ${HEALTH_USER} --pass none ping | grep -q PONG`,
          ],
        },
        child,
      );
    }
  }
}
