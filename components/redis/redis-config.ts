import { createHash } from "node:crypto";

import type { RedisInstanceName } from "../../catalog/services";
import { TLS_FILES } from "../platform/tls-files";

export const REDIS_PORT = 6379;
export const REDIS_ADMIN = "platform-admin";
/** May do nothing but PING, so that its probe needs no secret. */
export const HEALTH_USER = "healthcheck";

/** Where the server keeps its users: on its volume, since ACL SAVE writes there. */
export const ACL_FILE = "/data/users.acl";

/** Redis keeps a quarter of the container's memory for buffers and for copies while it writes snapshots. */
export const dataMemoryMb = (memoryMb: number) => Math.floor((memoryMb * 3) / 4);

/**
 * The server's configuration file.
 * @param instance a cache evicts its least used keys, and comes back from a stop with what its last
 *   snapshot held; sessions are logged to disk every second and never evicted
 * @param memoryMb limit of the container in MiB
 * @param tls whether connections are encrypted; none is then taken in clear
 */
export function redisConfig(instance: RedisInstanceName, memoryMb: number, tls: boolean): string {
  const purpose = {
    cache: ["maxmemory-policy allkeys-lfu", "appendonly no", "save 3600 1"],
    session: [
      "maxmemory-policy noeviction",
      "appendonly yes",
      "appendfsync everysec",
      "save 3600 1",
    ],
  }[instance];
  return [
    "bind 0.0.0.0",
    // Every user but the probe's has a password, so that clients from outside are let in.
    "protected-mode no",
    ...(tls
      ? [
          "port 0",
          `tls-port ${REDIS_PORT}`,
          `tls-cert-file ${TLS_FILES.certificate}`,
          `tls-key-file ${TLS_FILES.privateKey}`,
          `tls-ca-cert-file ${TLS_FILES.trusted}`,
          // Clients log in by name and password, and need no certificate.
          "tls-auth-clients no",
        ]
      : []),
    "dir /data",
    `aclfile ${ACL_FILE}`,
    `maxmemory ${dataMemoryMb(memoryMb)}mb`,
    ...purpose,
    "tcp-keepalive 60",
    "",
  ].join("\n");
}

/** The users of the first start: no default user, the administrator, the health probe. */
export function bootstrapAcl(adminPassword: string): string {
  const hash = createHash("sha256").update(adminPassword).digest("hex");
  return [
    "user default off nopass sanitize-payload resetchannels -@all",
    `user ${REDIS_ADMIN} on #${hash} ~* &* +@all`,
    `user ${HEALTH_USER} on nopass resetchannels -@all +ping`,
    "",
  ].join("\n");
}

/**
 * Rules of a service's user, as ACL SETUSER takes them, without its password.
 * What is taken away after all commands are given looks past the user's key pattern, or touches what
 * all users of a server share.
 */
export function serviceRules(service: string): string[] {
  return [
    `~${service}:*`,
    `&${service}:*`,
    "+@all",
    "-@admin",
    "-@dangerous",
    // They list or count the keys or channels of every service.
    "-scan",
    "-randomkey",
    "-dbsize",
    "-pubsub",
    "-memory",
    "+memory|usage",
    // Tracking in broadcast mode tells the name of every key that anybody changes.
    "-client|tracking",
    // Functions and the script cache are shared by all; a script in the debugger stops the server.
    "-function",
    "-script|debug",
    "-script|flush",
    "-script|kill",
  ];
}
