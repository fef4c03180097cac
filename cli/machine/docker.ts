import { existsSync } from "node:fs";
import { join } from "node:path";

import { ROOT } from "../paths";
import { portsElsewhere, settleEndpoint } from "./docker-endpoint";
import { lastLines, run } from "./run";

/** A container as the engine lists it. */
export interface ContainerState {
  name: string;
  /** Health where it runs and there is a check (healthy, unhealthy, starting), else its status. */
  health: string;
  labels: Record<string, string>;
  /** Ports of the host that it publishes. */
  ports: number[];
}

const answers = async () =>
  (await run("docker", ["version", "--format", "{{.Server.Version}}"], { timeoutMs: 10_000 }))
    .code === 0;

/**
 * Finds a Docker Engine that answers, sees to it that the docker plugin will ask the same one, and that its
 * ports are on this machine. On a Debian-family machine, as root, a missing one is installed and started.
 * @returns what is wrong, or undefined where an engine answers
 */
export async function ensureDocker(say: (line: string) => void): Promise<string | undefined> {
  if (!(await answers())) {
    const reason = lastLines((await run("docker", ["version"])).stderr, 1);
    const advice = `No Docker Engine answers (${reason}). Start Docker, or point DOCKER_HOST at an engine on this machine.`;
    const mayInstall =
      process.getuid?.() === 0 &&
      existsSync("/etc/debian_version") &&
      !process.env.DOCKER_HOST &&
      !process.env.DOCKER_CONTEXT;
    if (!mayInstall) {
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

/** Total memory in MiB of the machine on which containers run. */
export async function dockerMemoryMb(): Promise<number> {
  const { stdout } = await run("docker", ["info", "--format", "{{.MemTotal}}"]);
  return Math.floor(Number(stdout) / (1024 * 1024));
}

/** What a person must know of the engine's memory limits, if anything. */
export async function memoryLimitNote(): Promise<string | undefined> {
  // Rootless engines on a machine with cgroup v1 take a limit, show it, and do not enforce it.
  const { stdout } = await run("docker", ["info", "--format", "{{.MemoryLimit}}"]);
  return stdout.trim() === "false"
    ? "Note: this container engine does not enforce memory limits (docker info: MemoryLimit is false)."
    : undefined;
}

/** Every container of the engine, running or not. */
export async function listContainers(): Promise<ContainerState[]> {
  const ids = (await run("docker", ["ps", "-aq"])).stdout.split("\n").filter(Boolean);
  if (ids.length === 0) {
    return [];
  }
  const { stdout } = await run("docker", ["inspect", ...ids]);
  return (JSON.parse(stdout) as Inspected[]).map((container) => ({
    // Podman's own command writes no slash before it.
    name: container.Name.replace(/^\//, ""),
    health: healthOf(container.State),
    labels: container.Config.Labels ?? {},
    ports: Object.values(container.NetworkSettings.Ports ?? {}).flatMap((bindings) =>
      (bindings ?? []).map(({ HostPort }) => Number(HostPort)),
    ),
  }));
}

/** The result of a health check stays when the container ends. */
const healthOf = ({ Status, Health, Healthcheck }: Inspected["State"]): string =>
  (Status === "running" && (Health ?? Healthcheck)?.Status) || Status;

interface Inspected {
  Name: string;
  State: {
    Status: string;
    Health?: { Status: string };
    /** Podman's name for it before 4.1 (podman#11645). */
    Healthcheck?: { Status: string };
  };
  Config: { Labels: Record<string, string> | null };
  NetworkSettings: { Ports: Record<string, { HostPort: string }[] | null> | null };
}

/** Names of the engine's volumes and networks. */
export async function listNames(): Promise<{ volumes: string[]; networks: string[] }> {
  const names = async (kind: string) =>
    (await run("docker", [kind, "ls", "--format", "{{.Name}}"])).stdout.split("\n").filter(Boolean);
  const [volumes, networks] = await Promise.all([names("volume"), names("network")]);
  return { volumes, networks };
}

/** The last lines that a container logged. */
export async function containerLog(name: string, lines = 20): Promise<string> {
  const { stdout, stderr } = await run("docker", ["logs", "--tail", String(lines), name]);
  return (stdout + stderr).trimEnd();
}

export type DockerKind = "container" | "volume" | "network";

/** One object of the engine. */
export interface DockerObject {
  kind: DockerKind;
  /** A volume has no other than its name. */
  id: string;
  name: string;
  /** ISO-8601. */
  created: string;
  labels: Record<string, string>;
}

/** The object of that name, or undefined where there is none. */
export async function inspectObject(
  kind: DockerKind,
  name: string,
): Promise<DockerObject | undefined> {
  const { code, stdout } = await run("docker", [kind, "inspect", name]);
  if (code !== 0) {
    return undefined;
  }
  const [object] = JSON.parse(stdout) as {
    Id?: string;
    Created?: string;
    CreatedAt?: string;
    Labels?: Record<string, string> | null;
    Config?: { Labels: Record<string, string> | null };
  }[];
  return {
    kind,
    id: object.Id ?? name,
    name,
    created: object.Created ?? object.CreatedAt ?? "",
    labels: object.Config?.Labels ?? object.Labels ?? {},
  };
}

/**
 * Names of the containers that keep a volume or network from being removed: of a volume those that stopped
 * as well, of a network those that run.
 */
export async function containersOn(kind: "volume" | "network", name: string): Promise<string[]> {
  const all = kind === "volume" ? ["--all"] : [];
  const args = ["ps", ...all, "--filter", `${kind}=${name}`, "--format", "{{.Names}}"];
  return (await run("docker", args)).stdout.split("\n").filter(Boolean);
}

/** Removes a container, running or not; its named volumes stay. */
export const removeContainer = (id: string) => run("docker", ["rm", "-f", id]);
