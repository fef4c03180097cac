/** Environment variables that a run sets for itself and for every process that it starts. */
import { DOCKER_VARIABLES } from "./docker-endpoint";

/** Addresses at which engine, plugins, program and services of this machine reach each other. */
const LOOPBACK = ["localhost", "127.0.0.1", "::1"];

/**
 * gRPC of Node.js reads no_grpc_proxy, else no_proxy, and a space after a comma or an empty entry changes the meaning
 * (@grpc/grpc-js 1.14.7 http_proxy.js). For ALL_PROXY, the plugins of Kafka and PostgreSQL read NO_PROXY, else no_proxy
 * (golang.org/x/net/proxy).
 */
const EXEMPTIONS = ["no_proxy", "NO_PROXY"];
const GRPC_EXEMPTION = "no_grpc_proxy";
const PROXY = /^(http|https|all|grpc)_proxy$/i;

/** Exempts this machine from the proxy that the environment names, and keeps existing exemptions. */
export function exemptLoopback(env = process.env): void {
  if (!Object.entries(env).some(([name, value]) => PROXY.test(name) && value)) {
    return;
  }
  const all = withLoopback(EXEMPTIONS.map((name) => env[name]));
  EXEMPTIONS.forEach((name) => (env[name] = all));
  if (env[GRPC_EXEMPTION]) {
    env[GRPC_EXEMPTION] = withLoopback([env[GRPC_EXEMPTION]]);
  }
}

const withLoopback = (lists: (string | undefined)[]): string => {
  const named = lists.flatMap((list) => (list ?? "").split(",").map((entry) => entry.trim()));
  return [...new Set([...named.filter(Boolean), ...LOOPBACK])].join(",");
};

/** The variables that a plain `pulumi` needs, too. */
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
