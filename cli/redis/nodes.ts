/** The nodes of a stack's Redis servers, from its outputs. */
import type { RedisInstanceName } from "../../catalog/services";
import { servicesOn } from "../../catalog/services";
import { parseAddress } from "../../components/platform/address";
import type { NodesLogin, ReplicatedNode } from "../../components/redis/redis-roles";
import type { Outputs } from "../../contract/outputs";
import { encryptsRedis } from "../connections/encryption";

const POINTS = {
  cache: ["redis", "redis2", "redis3"],
  session: ["redisSession", "redisSessionReplica"],
} as const satisfies Record<RedisInstanceName, (keyof Outputs["accessPoints"])[]>;

/** The nodes that the stack runs, the first one first. */
export const nodesOf = (
  instance: RedisInstanceName,
  { accessPoints }: Pick<Outputs, "accessPoints">,
): ReplicatedNode[] =>
  POINTS[instance].flatMap((name) => {
    const { address, container, internalAddress } = accessPoints[name] ?? {};
    return address === undefined || container === undefined || internalAddress === undefined
      ? []
      : [{ ...parseAddress(address), internalAddress }];
  });

export const sessionNodes = (outputs: Outputs): ReplicatedNode[] => nodesOf("session", outputs);

/** The administrator of a server; undefined where its users are given and nobody else is. */
export function redisLogin(
  instance: RedisInstanceName,
  { administrators, services, trustedCertificates }: Outputs,
): NodesLogin | undefined {
  const login = administrators[instance === "cache" ? "redis" : "redisSession"];
  const [service] = servicesOn(instance);
  const { url } = services[service][instance]!;
  return (
    login && {
      adminUsername: login.username,
      adminPassword: login.password,
      ...(encryptsRedis({ url }) ? { trusted: trustedCertificates } : {}),
    }
  );
}
