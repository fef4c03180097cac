import { createHash } from "node:crypto";

import type { RedisInstanceName } from "../../catalog/services";
import { TLS_FILES } from "../platform/tls-files";

export const REDIS_PORT = 6379;
export const REDIS_ADMIN = "platform-admin";
/** A user that can only PING, so that the health check needs no secret. */
export const HEALTH_USER = "healthcheck";

/** The server's file of users, on its volume: ACL SAVE writes it. */
export const ACL_FILE = "/data/users.acl";

/** A quarter of the container's memory is for buffers, and for copies while Redis writes snapshots. */
export const dataMemoryMb = (memoryMb: number) => Math.floor((memoryMb * 3) / 4);

export interface RedisSettings {
  /** Memory limit of the container in MiB. */
  memoryMb: number;
  /** Whether connections must be encrypted. */
  tls: boolean;
  /** Whether what is written to the append-only file is on the disk within a second. */
  fsync: boolean;
}

/**
 * The server's configuration file.
 * @param instance a cache evicts its least used keys, and restarts with its last snapshot; sessions are written to
 *   disk every second and never evicted
 */
export function redisConfig(
  instance: RedisInstanceName,
  { memoryMb, tls, fsync }: RedisSettings,
): string {
  const purpose = {
    cache: ["maxmemory-policy allkeys-lfu", "appendonly no", "save 3600 1"],
    session: [
      "maxmemory-policy noeviction",
      "appendonly yes",
      ...(fsync
        ? ["appendfsync everysec"]
        : // A rewrite of the file ends with an fsync (redis 7.4 src/aof.c, rewriteAppendOnlyFile).
          ["appendfsync no", "auto-aof-rewrite-percentage 0"]),
      "save 3600 1",
    ],
  }[instance];
  return [
    "bind 0.0.0.0",
    // Every user except the health check's has a password, so that clients from outside may connect.
    "protected-mode no",
    ...(tls
      ? [
          "port 0",
          `tls-port ${REDIS_PORT}`,
          `tls-cert-file ${TLS_FILES.certificate}`,
          `tls-key-file ${TLS_FILES.privateKey}`,
          `tls-ca-cert-file ${TLS_FILES.trusted}`,
          // Clients log in with name and password, and need no certificate.
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

/** The users of the first start: the administrator and the health check. The default user is off. */
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
 * The same rules as one access string, for a user that another tool creates. ElastiCache takes neither a password nor
 * `reset` in it, and no name of a command that it forbids, such as config or debug
 * (docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html); the rules name none of them.
 */
export const accessString = (service: string): string => ["on", ...serviceRules(service)].join(" ");

/**
 * Rules of a service's user, as ACL SETUSER takes them, without its password.
 * The commands that are removed from all others see more than the user's keys, or change what all users share.
 */
export function serviceRules(service: string): string[] {
  return [
    `~${service}:*`,
    `&${service}:*`,
    "+@all",
    "-@admin",
    "-@dangerous",
    // These list or count the keys or channels of every service.
    "-scan",
    "-randomkey",
    "-dbsize",
    "-pubsub",
    "-memory",
    "+memory|usage",
    // Tracking in broadcast mode reports the name of every changed key.
    "-client|tracking",
    // All users share functions and the script cache, and a script in the debugger stops the server.
    "-function",
    "-script|debug",
    "-script|flush",
    "-script|kill",
  ];
}
