/** What a Redis server's container runs before the server: shell, with what both Alpine and Debian have. */
import { TLS_FILES } from "../platform/tls-files";
import { ACL_FILE, NODES_FILE, REDIS_PORT, REPLICATION_USER } from "./redis-config";

export const CONFIG_FILE = "/etc/platform/redis.conf";
export const BOOTSTRAP_ACL_FILE = "/etc/platform/users.acl";
export const REPLICATION_FILE = "/etc/platform/replication.conf";
/** The file with which one of two servers starts, on its volume: CONFIG REWRITE keeps in it whom the server follows. */
const ROLE_FILE = "/data/server.conf";

export interface StartArgs {
  tls: boolean;
  /** Names of the other nodes of a cluster, on the platform's network. */
  clusterPeers?: readonly string[];
  /** The other one of two servers, and whether this one follows it at the first start. */
  replication?: { peer: string; follows: boolean };
}

/** The command of the container, which ends as the server. */
export function startCommand({ tls, clusterPeers, replication }: StartArgs): string {
  // The server must be able to read its key, and uploaded files belong to root.
  const ownKey = tls ? `chown "$owner" ${TLS_FILES.privateKey}; ` : "";
  const config = replication ? ROLE_FILE : CONFIG_FILE;
  // The uploaded file has the users of the first start. Later ones are in the server's own file, which ACL SAVE
  // writes. The volume belongs to the image's user, whatever its name: valkey's image has no user redis, and its
  // entrypoint drops root for valkey-server alone (valkey-io/valkey-container, docker-entrypoint.sh).
  return (
    `owner=$(stat -c %u /data); ` +
    `[ -f ${ACL_FILE} ] || { cp ${BOOTSTRAP_ACL_FILE} ${ACL_FILE} && chmod 600 ${ACL_FILE} && chown "$owner" ${ACL_FILE}; }; ` +
    ownKey +
    (clusterPeers ? `${findPeers(clusterPeers)}; ` : "") +
    (replication ? `${findRole(replication, tls)}; ` : "") +
    `server=redis-server; command -v valkey-server >/dev/null && server=valkey-server; ` +
    `exec docker-entrypoint.sh "$server" ${config}`
  );
}

/**
 * Writes the addresses that the other nodes have now into the file in which this node remembers them. Nodes find each
 * other by address alone (redis 7.4.1 src/cluster_legacy.c, clusterStartHandshake), and after a restart of Docker the
 * old address may be another node's: each would then take the others for lost.
 * A line is `<id> <address>:<port>@<bus port>,<name>[,...] <flags> ...`.
 */
const findPeers = (peers: readonly string[]): string =>
  `if [ -f ${NODES_FILE} ]; then for peer in ${peers.join(" ")}; do ` +
  `ip=$(getent hosts "$peer" | { read -r ip rest; echo "$ip"; }); ` +
  `[ -z "$ip" ] || sed -i "s/^\\([0-9a-f]\\{40\\}\\) [^ ]*:\\([0-9]*@[0-9]*,$peer[, ]\\)/\\1 $ip:\\2/" ${NODES_FILE}; ` +
  `done; chown "$owner" ${NODES_FILE}; fi`;

/**
 * Decides whom the server follows:
 * - the other one, if that is the primary now: it went on without this server
 * - else whom it followed when it stopped; a server with data and without that file was the primary
 * - the other one, if this server is new and the other one has been there before: what that has must not be lost
 * - else as the program says
 */
function findRole({ peer, follows }: NonNullable<StartArgs["replication"]>, tls: boolean): string {
  const encrypted = tls ? ` --tls --cacert ${TLS_FILES.trusted}` : "";
  const ask =
    `REDISCLI_AUTH=$(sed -n "s/^masterauth //p" ${REPLICATION_FILE}) timeout 3 redis-cli -h ${peer} -p ${REDIS_PORT}` +
    `${encrypted} --no-auth-warning --user ${REPLICATION_USER} role 2>/dev/null`;
  return (
    `chown "$owner" ${REPLICATION_FILE}; ` +
    `follow="replicaof ${peer} ${REDIS_PORT}"; peer_role=$(${ask} | { read -r role; echo "$role"; }); ` +
    `if [ "$peer_role" = master ]; then role=$follow; ` +
    `elif [ -f ${ROLE_FILE} ]; then role=$(grep "^replicaof " ${ROLE_FILE}); ` +
    `elif [ -d /data/appendonlydir ]; then role=; ` +
    `elif [ "$peer_role" = slave ]; then role=$follow; ` +
    `else role=${follows ? "$follow" : ""}; fi; ` +
    `rm -f ${ROLE_FILE}; (umask 077; printf "include ${CONFIG_FILE}\\n%s\\n" "$role" > ${ROLE_FILE}); ` +
    `chown "$owner" ${ROLE_FILE}`
  );
}
