/** The part of the environment that a run settles for itself and for every process that it starts. */
import { DOCKER_VARIABLES } from "./docker-endpoint";

/** Addresses under which engine, plugins, program and services of this machine call each other. */
const LOOPBACK = ["localhost", "127.0.0.1", "::1"];

/**
 * Who reads which: gRPC of Node.js no_grpc_proxy, else no_proxy, where a space after a comma or an empty entry
 * means something (@grpc/grpc-js 1.14.7 http_proxy.js); the plugins of Kafka and PostgreSQL NO_PROXY, else
 * no_proxy, for ALL_PROXY (golang.org/x/net/proxy).
 */
const EXEMPTIONS = ["no_proxy", "NO_PROXY"];
const GRPC_EXEMPTION = "no_grpc_proxy";
const PROXY = /^(http|https|all|grpc)_proxy$/i;

/** Exempts this machine from a proxy that the environment names, and keeps what is exempt already. */
export function exemptLoopback(env = process.env): void {
  if (!Object.entries(env).some(([name, value]) => PROXY.test(name) && value)) {
    return;
  }
  const all = exempted(EXEMPTIONS.map((name) => env[name]));
  EXEMPTIONS.forEach((name) => (env[name] = all));
  if (env[GRPC_EXEMPTION]) {
    env[GRPC_EXEMPTION] = exempted([env[GRPC_EXEMPTION]]);
  }
}

const exempted = (lists: (string | undefined)[]): string => {
  const named = lists.flatMap((list) => (list ?? "").split(",").map((entry) => entry.trim()));
  return [...new Set([...named.filter(Boolean), ...LOOPBACK])].join(",");
};

/** What of the settled environment a plain `pulumi` needs, too. */
export function settledEnvironment(env = process.env): Record<string, string> {
  const hasProxy = Object.entries(env).some(([name, value]) => PROXY.test(name) && value);
  const names = [
    ...DOCKER_VARIABLES,
    ...(hasProxy ? [...EXEMPTIONS, ...(env[GRPC_EXEMPTION] ? [GRPC_EXEMPTION] : [])] : []),
  ];
  return Object.fromEntries(
    names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])),
  );
}
