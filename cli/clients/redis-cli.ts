import { TRUSTED_IN_CONTAINER } from "../../components/platform/trusted-file";
import type { AccessPoint } from "../../contract/outputs";
import type { Program } from "../machine/interactive";
import { inContainer } from "./in-container";

/** A login to one Redis server. */
export interface RedisUser {
  host: string;
  port: number;
  username: string;
  password: string;
  /** Whether connections are encrypted. */
  isEncrypted: boolean;
  /** Port in the server's container, for a node of a cluster; redis-cli follows keys to the other nodes. */
  clusterPort?: number;
}

/**
 * redis-cli as a user: that of the server's container, or that of this machine for a server elsewhere.
 * @param more arguments for redis-cli itself, such as a command of Redis
 * @param trustedFile file with the authorities to trust, for a server elsewhere; absent for those of the system
 */
export function redisProgram(
  { host, port, username, password, isEncrypted, clusterPort }: RedisUser,
  { container }: Pick<AccessPoint, "container">,
  more: string[],
  trustedFile?: string,
): Program {
  const secrets = { REDISCLI_AUTH: password };
  const tls = (file: string | undefined) =>
    isEncrypted ? ["--tls", ...(file === undefined ? [] : ["--cacert", file])] : [];
  const user = ["--user", username];
  if (container !== undefined) {
    const cluster = clusterPort === undefined ? [] : ["-c", "-p", String(clusterPort)];
    const address = ["-h", "127.0.0.1", ...cluster, ...tls(TRUSTED_IN_CONTAINER)];
    return inContainer(container, ["redis-cli", ...address, ...user, ...more], secrets);
  }
  return {
    command: "redis-cli",
    args: ["-h", host, "-p", String(port), ...tls(trustedFile), ...user, ...more],
    env: secrets,
  };
}
