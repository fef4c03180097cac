import { createHash } from "node:crypto";

import type { RedisInstanceName } from "../../catalog/services";
import { TLS_FILES } from "../platform/tls-files";

export const REDIS_PORT = 6379;
export const REDIS_ADMIN = "platform-admin";
/** A user that can only PING, so that the health check needs no secret. */
export const HEALTH_USER = "healthcheck";

/** The user by which a server of the sessions follows the other, and asks for its role when it starts. */
export const REPLICATION_USER = "platform-replication";
/** Nothing but copying the data, and ROLE. PSYNC sends every key: the user is no service's. */
export const REPLICATION_RULES = [
  ...["resetchannels", "-@all", "+ping", "+psync", "+replconf", "+role"],
];

/** Port on which the nodes of a cluster talk to each other, on the platform's network only. */
export const BUS_PORT = 16379;
/** The nodes that a node of a cluster knows, on its volume. */
export const NODES_FILE = "/data/nodes.conf";

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
  /** Set for a node of a cluster. */
  cluster?: {
    /** Port on which it listens, in its container as on the host: clients on both sides are told the same. */
    port: number;
    /** Its name on the platform's network, which it announces. */
    name: string;
  };
  /** Set for one of two servers of which one follows the other. */
  replication?: {
    /** Its name on the platform's network. */
    name: string;
    /** File with the login to the other, which is secret. */
    loginFile: string;
  };
}

/**
 * The server's configuration file.
 * @param instance a cache evicts its least used keys, and restarts with its last snapshot; sessions are written to
 *   disk every second and never evicted
 */
export function redisConfig(
  instance: RedisInstanceName,
  { memoryMb, tls, fsync, cluster, replication }: RedisSettings,
): string {
  const port = cluster?.port ?? REDIS_PORT;
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
          `tls-port ${port}`,
          `tls-cert-file ${TLS_FILES.certificate}`,
          `tls-key-file ${TLS_FILES.privateKey}`,
          `tls-ca-cert-file ${TLS_FILES.trusted}`,
          // Clients log in with name and password, and need no certificate.
          "tls-auth-clients no",
        ]
      : cluster
        ? [`port ${port}`]
        : []),
    ...(cluster ? clusterLines(cluster.name, tls) : []),
    ...(replication ? replicationLines(replication, tls) : []),
    "dir /data",
    `aclfile ${ACL_FILE}`,
    `maxmemory ${dataMemoryMb(memoryMb)}mb`,
    ...purpose,
    "tcp-keepalive 60",
    "",
  ].join("\n");
}

/**
 * A node tells a client of Redis Cluster one address of each node, whoever the client is (redis 7.4.1 src/cluster.c,
 * getPreferredEndpoint): here its name on the platform's network.
 */
const clusterLines = (name: string, tls: boolean): string[] => [
  "cluster-enabled yes",
  `cluster-config-file ${NODES_FILE.replace("/data/", "")}`,
  // By default it would be the client's port and 10000, which may be more than there are.
  `cluster-port ${BUS_PORT}`,
  "cluster-node-timeout 5000",
  // Without one node, the others go on with their keys: it is a cache.
  "cluster-require-full-coverage no",
  `cluster-announce-hostname ${name}`,
  "cluster-preferred-endpoint-type hostname",
  ...(tls ? ["tls-cluster yes"] : []),
];

const replicationLines = (
  { name, loginFile }: NonNullable<RedisSettings["replication"]>,
  tls: boolean,
): string[] => [
  `include ${loginFile}`,
  // Its address changes with its container.
  `replica-announce-ip ${name}`,
  // There is no second replica to wait for, and until it has its copy a replica can replace nothing.
  "repl-diskless-sync-delay 0",
  ...(tls ? ["tls-replication yes"] : []),
];

/** The file with the login of a server to the other one. */
export const replicationLogin = (password: string): string =>
  `masteruser ${REPLICATION_USER}\nmasterauth ${password}\n`;

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
    // All users share functions and the script cache, and a script in the debugger stops the server. Scripts are
    // allowed by name, so that the rules do not name debug, a command that ElastiCache forbids (redis-access.ts).
    "-function",
    "-script",
    "+script|load",
    "+script|exists",
    "+script|help",
  ];
}
