/** The container engine, and what the machine has for it. */
import { existsSync, readFileSync } from "node:fs";

import { portKeysOf, type ServerName, SERVERS } from "../../catalog/servers";
import type { PlatformConfig } from "../../config";
import { containersOf } from "../../config-servers";
import { dockerAnswers, listContainers, readMemory } from "../machine/docker";
import { docker } from "../machine/docker-command";
import { portsElsewhere, settleEndpoint } from "../machine/docker-endpoint";
import { isStandIn } from "../machine/images";
import { lastLines } from "../machine/run";
import { memoryFaults } from "../preflight/memory";
import { portFaults } from "../preflight/ports";
import { ofStack } from "../stack/containers";
import { configuredImages } from "../update/prepare-machine";
import { fault, type Finding, ok, warning } from "./finding";

/** @param config undefined where the configuration has faults: then only the engine itself is looked at */
export async function checkDocker(config: PlatformConfig | undefined): Promise<Finding[]> {
  if (config && containersOf(config).length === 0) {
    return [ok("Docker", "not needed: every server exists already")];
  }
  if (!(await dockerAnswers())) {
    const { code, stderr } = await docker(["version"]);
    const found = code === 127 ? "there is no program docker" : lastLines(stderr, 1);
    const remedy =
      "Start Docker, or point DOCKER_HOST at an engine on this machine. As root on Debian, npm run up installs it.";
    return [fault("Docker", `no engine answers (${found})`, remedy)];
  }
  const host = await settleEndpoint();
  const elsewhere = await portsElsewhere(host);
  const engine = `${await describeEngine()}${host === undefined ? "" : `, at ${host}`}`;
  return [
    elsewhere === undefined ? ok("Docker", engine) : fault("Docker", engine, elsewhere),
    ...(config
      ? await Promise.all([checkMemory(config), checkPorts(config), checkImages(config)]).then(
          (found) => found.flat(),
        )
      : []),
  ];
}

async function describeEngine(): Promise<string> {
  const { stdout } = await docker(["version", "--format", "{{json .Server}}"]);
  const {
    Version,
    ApiVersion,
    APIVersion,
    Components = [],
  } = JSON.parse(stdout) as {
    Version: string;
    ApiVersion?: string;
    /** Podman's name for it. */
    APIVersion?: string;
    Components?: { Name: string }[] | null;
  };
  const isPodman = (Components ?? []).some(({ Name }) => /podman/i.test(Name)) || !ApiVersion;
  const system = (await docker(["info", "--format", "{{.OperatingSystem}}"])).stdout.trim();
  return `${isPodman ? "Podman" : "Docker Engine"} ${Version}, API ${ApiVersion ?? APIVersion}${system ? `, ${system}` : ""}`;
}

async function checkMemory(config: PlatformConfig): Promise<Finding> {
  const { totalMb, isLimited } = await readMemory();
  const needed = containersOf(config).reduce(
    (sum, server) => sum + config[SERVERS[server].memoryKey],
    0,
  );
  const [tooLittle] = memoryFaults(needed, totalMb);
  if (tooLittle !== undefined) {
    return fault("Memory", `${totalMb} MiB`, tooLittle);
  }
  const text = `${totalMb} MiB, of which the containers may take ${needed} MiB`;
  return isLimited
    ? ok("Memory", text)
    : warning("Memory", `${text}; this engine does not enforce the limits`);
}

/** Ports that the stack's containers do not publish yet, and that something else uses. */
async function checkPorts(config: PlatformConfig): Promise<Finding[]> {
  const all = await listContainers();
  const own = new Set(ofStack(config.stack, all).flatMap(({ ports }) => ports));
  const planned = containersOf(config).map((server) => {
    const ports = portsOf(config, server);
    return {
      ...{ action: "create" as const, service: server, name: SERVERS[server].title },
      ports: ports.filter((port) => !own.has(port)),
      ...{ memoryMb: 0, keptVolumes: [] },
    };
  });
  const taken = await portFaults(planned, all);
  const ports = containersOf(config).flatMap((server) => portsOf(config, server));
  return taken.length === 0
    ? [ok("Ports", `${ports.join(", ")} are the stack's own, or free`)]
    : taken.map((text) => {
        const [found, remedy] = text.split(/(?<=\.) (?=Stop)/);
        return fault("Ports", found, remedy);
      });
}

const portsOf = (config: PlatformConfig, server: ServerName): number[] =>
  portKeysOf(server).map((key) => config[key]);

async function checkImages(config: PlatformConfig): Promise<Finding[]> {
  const images = configuredImages(config);
  const kinds = await Promise.all(images.map(({ name }) => isStandIn(name)));
  const findings = images.map(({ name }, index) => {
    const standIn = kinds[index];
    if (standIn === undefined) {
      return ok("Images", `${name} is not here yet: up pulls it`);
    }
    return standIn
      ? warning(
          "Images",
          `${name} is a stand-in: ${standIn}`,
          "offline/README.md says what it lacks.",
        )
      : ok("Images", name);
  });
  const broker = images.findIndex(({ kind }) => kind === "redpanda");
  return [...findings, ...(broker >= 0 && !kinds[broker] ? checkAsyncIo(config.brokers) : [])];
}

/**
 * What a Redpanda with one shard asks of the kernel: 10,000 control blocks for the network, 1,024 for the disk and 2
 * for preemption (seastar src/core/reactor_backend.cc and src/core/reactor.cc, max-networking-io-control-blocks).
 */
const CONTROL_BLOCKS = 11_026;
const AIO = "/proc/sys/fs/aio";

/** A real Redpanda does not start where too few are left. */
export function checkAsyncIo(
  brokers: number,
  read = (name: string) =>
    existsSync(`${AIO}-${name}`) ? Number(readFileSync(`${AIO}-${name}`, "utf8")) : undefined,
): Finding[] {
  const [most, used] = [read("max-nr"), read("nr")];
  if (most === undefined || used === undefined) {
    return [];
  }
  const needed = brokers * CONTROL_BLOCKS;
  const text = `fs.aio-max-nr is ${most}, of which ${used} are used`;
  return most - used >= needed
    ? [ok("Async I/O", text)]
    : [
        fault(
          "Async I/O",
          `${text}; ${brokers === 1 ? "a Redpanda needs" : `${brokers} Redpandas need`} ${needed}`,
          "Raise it: sudo sysctl -w fs.aio-max-nr=1048576, and the same in /etc/sysctl.d for the next start.",
        ),
      ];
}
