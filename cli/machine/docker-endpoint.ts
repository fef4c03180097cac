/** Which Docker Engine a run uses, and whether its published ports are on this machine. */
import { lookup } from "node:dns/promises";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { connect } from "node:net";
import { homedir, networkInterfaces } from "node:os";
import { basename, join } from "node:path";

import { docker } from "./docker-command";

/** The context in use, as `docker context inspect` prints it (docker/cli cli/command/context/inspect.go). */
interface Context {
  Endpoints?: { docker?: { Host?: string } };
  TLSMaterial?: { docker?: string[] };
  Storage?: { TLSPath?: string };
}

const DEFAULT_HOSTS = ["unix:///var/run/docker.sock", "npipe:////./pipe/docker_engine"];

/** Variables with which the docker command and the docker plugin find their engine. */
export const DOCKER_VARIABLES = [
  "DOCKER_HOST",
  "DOCKER_CONTEXT",
  "DOCKER_TLS_VERIFY",
  "DOCKER_CERT_PATH",
] as const;

/**
 * Sets the environment so that the docker plugin uses the same engine as the docker command. The command reads
 * DOCKER_HOST, else DOCKER_CONTEXT, else the context chosen with `docker context use`; the plugin reads
 * DOCKER_CONTEXT, else DOCKER_HOST, else the default socket, and ignores the certificates of a context
 * (kreuzwerker/terraform-provider-docker 96d331c internal/provider/provider.go).
 * @returns the engine's address; undefined where the docker command has no contexts, as that of Podman
 */
export async function settleEndpoint(env = process.env): Promise<string | undefined> {
  const context = await currentContext();
  const host = context?.Endpoints?.docker?.Host;
  if (!context || !host) {
    return env.DOCKER_HOST || undefined;
  }
  if (!env.DOCKER_HOST && (env.DOCKER_CONTEXT || !DEFAULT_HOSTS.includes(host))) {
    env.DOCKER_HOST = host;
  }
  if (env.DOCKER_CONTEXT) {
    env.DOCKER_CONTEXT = "";
  }
  if (context.TLSMaterial?.docker?.length && !env.DOCKER_CERT_PATH) {
    const stored = context.Storage?.TLSPath ?? "";
    env.DOCKER_TLS_VERIFY = "1";
    // The default context has no folder of its own and uses the user's certificates.
    env.DOCKER_CERT_PATH = existsSync(stored)
      ? join(stored, "docker")
      : (env.DOCKER_CONFIG ?? join(homedir(), ".docker"));
  }
  return host;
}

async function currentContext(): Promise<Context | undefined> {
  const { code, stdout } = await docker(["context", "inspect", "--format", "{{json .}}"]);
  try {
    return code === 0 ? (JSON.parse(stdout) as Context) : undefined;
  } catch {
    return undefined;
  }
}

/** @returns why this machine cannot reach the ports that the engine publishes; undefined where it can */
export async function portsElsewhere(host: string | undefined): Promise<string | undefined> {
  const machine = /^[a-z]+:\/\/(?:[^@/]*@)?(\[[^\]]+\]|[^:/]+)/.exec(host ?? "")?.[1];
  if (machine !== undefined) {
    return (await isThisMachine(machine.replace(/[[\]]/g, ""))) ? undefined : elsewhereFault(host!);
  }
  const isSocket = host?.startsWith("unix://") && process.platform === "linux";
  return isSocket && (await isForeignSocket(host!.slice("unix://".length)))
    ? elsewhereFault(host!)
    : undefined;
}

const elsewhereFault = (host: string) =>
  `The Docker Engine at ${host} publishes ports on another machine, or in another container's network. ` +
  "This stack needs them on localhost: it creates its databases, topics and users through them. " +
  "Run this where the engine runs, or in a container that shares its network (docker run --network host).";

async function isThisMachine(name: string): Promise<boolean> {
  const own = Object.values(networkInterfaces()).flatMap((found) => found ?? []);
  try {
    const { address } = await lookup(name);
    return /^(127\.|::1$)/.test(address) || own.some((one) => one.address === address);
  } catch {
    return false;
  }
}

/**
 * Whether the engine listens in another network namespace than this process. /proc/net/unix shows the sockets of one
 * namespace only (linux net/unix/af_unix.c), so a socket that was mounted into this container is not among them.
 */
async function isForeignSocket(path: string): Promise<boolean> {
  const names = [path, ...(existsSync(path) ? [realpathSync(path)] : [])].map((one) =>
    basename(one),
  );
  const listening = listeningSockets();
  // Paths differ between mount namespaces, as in WSL, so only the name is compared.
  if (!listening || listening.some((socket) => names.includes(basename(socket)))) {
    return false;
  }
  const isInContainer = ["/.dockerenv", "/run/.containerenv"].some((file) => existsSync(file));
  return isInContainer || !(await forwardsPorts());
}

/** Whether the engine forwards published ports from its own network namespace to this machine. */
async function forwardsPorts(): Promise<boolean> {
  const format = "{{.OperatingSystem}} {{json .SecurityOptions}}";
  const { stdout } = await docker(["info", "--format", format]);
  return stdout.startsWith("Docker Desktop") || stdout.includes("name=rootless");
}

const LISTENS = "00010000";

function listeningSockets(): string[] | undefined {
  try {
    return readFileSync("/proc/net/unix", "utf8")
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , flags, , , , path]) => flags === LISTENS && path !== undefined)
      .map((fields) => fields[7]);
  } catch {
    return undefined;
  }
}

const CONNECT_MS = 2_000;

/** @returns the ports that accept no connection on this machine's loopback address */
export async function closedPorts(ports: number[]): Promise<number[]> {
  const open = await Promise.all(ports.map(acceptsConnection));
  return ports.filter((_, index) => !open[index]);
}

function acceptsConnection(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1", timeout: CONNECT_MS });
    const end = (takes: boolean) => () => {
      socket.destroy();
      resolve(takes);
    };
    socket.once("connect", end(true)).once("error", end(false)).once("timeout", end(false));
  });
}
