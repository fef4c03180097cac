import { Argument, Command, Option } from "commander";

import {
  REDIS_INSTANCES,
  type RedisInstanceName,
  SERVICE_NAMES,
  type ServiceName,
  SERVICES,
  servicesOn,
} from "../../catalog/services";
import { parseAddress } from "../../components/platform/address";
import { roleOf } from "../../components/redis/redis-roles";
import type { AccessPoint, Outputs } from "../../contract/outputs";
import { redisProgram } from "../clients/redis-cli";
import { withTrustedFile } from "../clients/trusted-file";
import { encryptsRedis } from "../connections/encryption";
import { FaultError } from "../fault";
import { runInteractive } from "../machine/interactive";
import { examples, offlineOption, stackOption, type StackOptions } from "../options";
import { redisLogin, sessionNodes } from "../redis/nodes";
import { readOutputs } from "../stack/outputs";

const ADMIN = "admin";

interface RedisOptions extends StackOptions {
  as: ServiceName | typeof ADMIN;
}

export const redis = new Command("redis")
  .description("open redis-cli on a Redis server of the stack")
  .addArgument(new Argument("<instance>", "the server").choices(REDIS_INSTANCES))
  .addArgument(
    new Argument(
      "[arguments...]",
      "a command of Redis, or arguments for redis-cli, after a second --",
    ),
  )
  .addOption(stackOption())
  .addOption(offlineOption())
  .addOption(
    new Option("--as <user>", "the login: of a service, or the administrator's")
      .choices([...SERVICE_NAMES, ADMIN])
      .default(ADMIN),
  )
  .addHelpText(
    "after",
    "\nThe exit code is that of redis-cli. It runs in the server's container; for a server elsewhere, it must be on the PATH." +
      examples(
        "npm run redis -- session --as user-service",
        "npm run -s redis -- cache -- info memory",
      ),
  )
  .action(openRedis);

async function openRedis(instance: RedisInstanceName, more: string[], options: RedisOptions) {
  refuseOtherService(instance, options.as);
  const outputs = await readOutputs(options);
  const { services, trustedCertificates } = outputs;
  const [anyService] = servicesOn(instance);
  const server = services[anyService][KEYS[instance].connection]!;
  const login = loginOf(instance, options.as, outputs);
  const pem = trustedCertificates ?? services[anyService].trustedCertificates;
  const point = await pointOf(instance, outputs);
  const user = {
    ...(instance === "cache" && services[anyService].cache.cluster
      ? { clusterPort: parseAddress(point.internalAddress!).port }
      : {}),
    host: server.host,
    port: server.port,
    ...login,
    isEncrypted: encryptsRedis(server),
  };
  process.exitCode = await withTrustedFile(pem, (trustedFile) =>
    runInteractive(redisProgram(user, point, more, trustedFile)),
  );
}

/** The first node; of two servers the one that takes writes, if it can be told. */
async function pointOf(
  instance: RedisInstanceName,
  outputs: Outputs,
): Promise<Partial<AccessPoint>> {
  const first = outputs.accessPoints[KEYS[instance].point] ?? {};
  const replica = outputs.accessPoints.redisSessionReplica;
  const login = redisLogin(instance, outputs);
  if (instance === "cache" || replica === undefined || login === undefined) {
    return first;
  }
  const roles = await Promise.allSettled(sessionNodes(outputs).map((node) => roleOf(node, login)));
  const [atFirst, atReplica] = roles.map(
    (role) => role.status === "fulfilled" && role.value.isPrimary,
  );
  return atReplica && !atFirst ? replica : first;
}

/** By what name an instance is in the outputs. */
const KEYS = {
  cache: { connection: "cache", point: "redis", administrator: "redis" },
  session: { connection: "session", point: "redisSession", administrator: "redisSession" },
} as const;

function refuseOtherService(instance: RedisInstanceName, user: RedisOptions["as"]): void {
  if (user !== ADMIN && !SERVICES[user].redis.includes(instance)) {
    throw new FaultError([
      `${user} has no login to Redis (${instance}). These have: ${servicesOn(instance).join(", ")}, ${ADMIN}.`,
    ]);
  }
}

function loginOf(instance: RedisInstanceName, user: RedisOptions["as"], outputs: Outputs) {
  const { connection, administrator } = KEYS[instance];
  const { username, password } =
    (user === ADMIN ? outputs.administrators[administrator] : outputs.services[user][connection]) ??
    {};
  if (username === undefined || password === undefined) {
    throw new FaultError([
      `The stack has no administrator of Redis (${instance}), because its users are given. Add --as SERVICE.`,
    ]);
  }
  return { username, password };
}
