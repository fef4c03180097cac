/** What commands ask of the Docker Engine, and the one thing that they do to it directly: removing a container. */
import { existsSync } from "node:fs";
import { join } from "node:path";

import { ROOT } from "../paths";
import { docker, dockerLines, dockerObjects } from "./docker-command";
import { portsElsewhere, settleEndpoint } from "./docker-endpoint";
import { lastLines, run, type RunOptions } from "./run";

export type DockerKind = "container" | "volume" | "network";

/** A container as the engine lists it. */
export interface ContainerState {
  id: string;
  name: string;
  /** As `docker ps` has it: running, exited, created ... */
  status: string;
  /** Result of the health check while it runs and has one (healthy, unhealthy, starting), else its status. */
  health: string;
  labels: Record<string, string>;
  /** Ports of the host that it publishes. */
  ports: number[];
  /** Networks that it is attached to; the id is empty while it has never been started. */
  networks: NetworkState[];
}

export interface NetworkState {
  id: string;
  name: string;
}

/** The containers and networks of a Docker Engine. */
export interface DockerState {
  containers: Pick<ContainerState, "id" | "name" | "status" | "networks">[];
  networks: NetworkState[];
}

/** One object of the engine. */
export interface DockerObject {
  kind: DockerKind;
  /** The id of a volume is its name. */
  id: string;
  name: string;
  /** ISO-8601. */
  created: string;
  labels: Record<string, string>;
}

const ANSWER_TIMEOUT_MS = 10_000;

/** Whether an engine answers. */
export const dockerAnswers = async (): Promise<boolean> => {
  const args = ["version", "--format", "{{.Server.Version}}"];
  return (await docker(args, { timeoutMs: ANSWER_TIMEOUT_MS })).code === 0;
};

/**
 * Finds a Docker Engine that answers, makes the docker plugin use the same one, and checks that its ports are on
 * this machine. On a Debian-family machine, as root, a missing engine is installed and started.
 * @returns what is wrong, or undefined where an engine answers
 */
export async function ensureDocker(say: (line: string) => void): Promise<string | undefined> {
  if (!(await dockerAnswers())) {
    const reason = lastLines((await docker(["version"])).stderr, 1);
    const advice = `No Docker Engine answers (${reason}). Start Docker, or point DOCKER_HOST at an engine on this machine.`;
    if (!mayInstall()) {
      return advice;
    }
    say("No Docker Engine answers.");
    const script = join(ROOT, "offline", "install-docker.sh");
    const installed = await run("bash", [script], { onLine: say });
    if (installed.code !== 0) {
      return `${advice}\n${lastLines(installed.stderr, 3)}`;
    }
  }
  return portsElsewhere(await settleEndpoint());
}

const mayInstall = () =>
  process.getuid?.() === 0 &&
  existsSync("/etc/debian_version") &&
  !process.env.DOCKER_HOST &&
  !process.env.DOCKER_CONTEXT;

/** What the engine says of its machine's memory. */
export async function readMemory(): Promise<{ totalMb: number; isLimited: boolean }> {
  const { stdout } = await docker(["info", "--format", "{{.MemTotal}} {{.MemoryLimit}}"]);
  const [total, memoryLimit] = stdout.trim().split(" ");
  return {
    totalMb: Math.floor(Number(total) / (1024 * 1024)),
    // Rootless engines on a machine with cgroup v1 accept a limit, show it, and do not enforce it.
    isLimited: memoryLimit !== "false",
  };
}

/** Every container of the engine, running or not. */
export async function listContainers(): Promise<ContainerState[]> {
  const ids = await dockerLines(["ps", "-aq"]);
  const containers = ids.length > 0 ? await dockerObjects<Inspected>(["inspect", ...ids]) : [];
  return containers.map(({ Id, Name, State, Config, NetworkSettings }) => ({
    id: Id,
    // Podman's command writes no slash before it.
    name: Name.replace(/^\//, ""),
    status: State.Status,
    health: healthOf(State),
    labels: Config.Labels ?? {},
    ports: Object.values(NetworkSettings.Ports ?? {}).flatMap((bindings) =>
      (bindings ?? []).map(({ HostPort }) => Number(HostPort)),
    ),
    networks: Object.entries(NetworkSettings.Networks ?? {}).map(([name, { NetworkID }]) => ({
      id: NetworkID,
      name,
    })),
  }));
}

/** Docker keeps the result of a health check after the container ends. */
const healthOf = ({ Status, Health, Healthcheck }: Inspected["State"]): string =>
  (Status === "running" && (Health ?? Healthcheck)?.Status) || Status;

interface Inspected {
  Id: string;
  Name: string;
  State: {
    Status: string;
    Health?: { Status: string };
    /** Podman's name for it before 4.1 (podman#11645). */
    Healthcheck?: { Status: string };
  };
  Config: { Labels: Record<string, string> | null };
  NetworkSettings: {
    Ports: Record<string, { HostPort: string }[] | null> | null;
    Networks?: Record<string, { NetworkID: string }> | null;
  };
}

export async function listNetworks(): Promise<NetworkState[]> {
  const lines = await dockerLines(["network", "ls", "--no-trunc", "--format", "{{.ID}} {{.Name}}"]);
  return lines.map((line) => {
    const [id, name] = line.split(" ");
    return { id, name };
  });
}

/** Names of the engine's volumes. */
export const listVolumes = (): Promise<string[]> =>
  dockerLines(["volume", "ls", "--format", "{{.Name}}"]);

/** A label as the docker plugin writes it into the state. */
export interface Label {
  label: string;
  value: string;
}

/** The arguments of docker that make a volume. */
export const volumeCreation = (name: string, labels: readonly Label[]): string[] => [
  ...["volume", "create"],
  ...labels.flatMap(({ label, value }) => ["--label", `${label}=${value}`]),
  name,
];

/** The last lines that a container logged. */
export async function containerLog(name: string, lines = 20): Promise<string> {
  const { stdout, stderr } = await docker(["logs", "--tail", String(lines), name]);
  return (stdout + stderr).trimEnd();
}

/** The object of that name, or undefined where there is none. */
export async function inspectObject(
  kind: DockerKind,
  name: string,
): Promise<DockerObject | undefined> {
  const [object] = await dockerObjects<{
    Id?: string;
    Created?: string;
    CreatedAt?: string;
    Labels?: Record<string, string> | null;
    Config?: { Labels: Record<string, string> | null };
  }>([kind, "inspect", name]);
  return (
    object && {
      kind,
      id: object.Id ?? name,
      name,
      created: object.Created ?? object.CreatedAt ?? "",
      labels: object.Config?.Labels ?? object.Labels ?? {},
    }
  );
}

/**
 * Names of the containers that keep a volume or network from being removed: running and stopped ones for a volume,
 * running ones for a network.
 */
export function containersOn(kind: "volume" | "network", name: string): Promise<string[]> {
  const all = kind === "volume" ? ["--all"] : [];
  return dockerLines(["ps", ...all, "--filter", `${kind}=${name}`, "--format", "{{.Names}}"]);
}

/** Removes a container, running or not; its named volumes stay. */
export const removeContainer = (id: string, options?: RunOptions) =>
  docker(["rm", "-f", "-v", id], options);
