import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createServer } from "node:net";

import { MEMORY_KEYS } from "../catalog/servers";
import type { ContainerState } from "./docker";
import type { PlannedContainer } from "./plan";

/** Docker itself and the system need room beside the containers. */
const SYSTEM_MEMORY_MB = 512;

/** What is wrong with the memory of the machine on which containers run, if anything. */
export function memoryFaults(neededMb: number, totalMb: number): string[] {
  const total = neededMb + SYSTEM_MEMORY_MB;
  return totalMb >= total
    ? []
    : [
        `The containers' memory limits and the system need ${total} MiB, Docker has ${totalMb} MiB. ` +
          `Give it more, or lower learning-platform:${MEMORY_KEYS.join(", :")}.`,
      ];
}

/** What stands where a container is to be made: one of the same name, or whoever holds a port. */
export async function occupationFaults(
  planned: PlannedContainer[],
  existing: ContainerState[],
): Promise<string[]> {
  const faults: string[] = [];
  for (const { name, ports, replaces } of planned) {
    if (name !== replaces && existing.some((container) => container.name === name)) {
      faults.push(
        `A container ${name} exists that this stack does not know, perhaps left by an interrupted run. ` +
          `Remove it if nobody needs it: docker rm -f ${name}`,
      );
    }
    const goesFree = existing.find((container) => container.name === replaces)?.ports ?? [];
    for (const port of ports.filter((wanted) => !goesFree.includes(wanted))) {
      if (!(await isFree(port))) {
        faults.push(
          `Port ${port}, for ${name}, is held by ${portHolder(port, existing)}. ` +
            "Stop that, or set another port for the stack (the *Port keys in Pulumi.yaml).",
        );
      }
    }
  }
  return faults;
}

/**
 * Volumes and networks of the names that an update needs. A volume would be taken over with the passwords
 * of whoever made it, which nobody knows any more.
 */
export function leftoverFaults(
  planned: { volumes: string[]; networks: string[] },
  existing: { volumes: string[]; networks: string[] },
): string[] {
  return (["volumes", "networks"] as const).flatMap((kind) =>
    planned[kind]
      .filter((name) => existing[kind].includes(name))
      .map(
        (name) =>
          `A ${kind.slice(0, -1)} ${name} exists that this stack does not know, perhaps left by an interrupted run. ` +
          `Remove it if nobody needs it: docker ${kind.slice(0, -1)} rm ${name}`,
      ),
  );
}

/** Volumes whose data an update would lose, or that are lost already, while the stack still counts on it. */
export function volumeFaults(
  { replaced, kept }: { replaced: string[]; kept: string[] },
  existing: string[],
): string[] {
  return [
    ...replaced.map(
      (volume) =>
        `The volume ${volume} would be replaced by an empty one. Keep learning-platform:namePrefix as it is, ` +
        "or take the stack down first; its data goes with it.",
    ),
    ...kept
      .filter((volume) => !existing.includes(volume))
      .map(
        (volume) =>
          `The volume ${volume} is gone, and what the stack keeps in it with it. Start afresh: down, then up.`,
      ),
  ];
}

/** A volume or network of the stack, with the containers that use it. */
export interface UsedObject {
  kind: "volume" | "network";
  name: string;
  /** Names of containers. */
  users: string[];
}

/**
 * Containers of somebody else that would stop a teardown half-way: Docker removes no volume and no network
 * that a container uses.
 * @param own names of the stack's own containers
 */
export const foreignUserFaults = (objects: UsedObject[], own: string[]): string[] =>
  objects.flatMap(({ kind, name, users }) =>
    users
      .filter((user) => !own.includes(user))
      .map(
        (user) =>
          `The container ${user} uses the ${kind} ${name}, which down would remove. ` +
          `Remove it (docker rm -f ${user})` +
          (kind === "network"
            ? ` or take it off the network (docker network disconnect ${name} ${user}).`
            : " first."),
      ),
  );

/** Whether a server may listen on the port of the loopback address. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () =>
      server.close(() => resolve(true)),
    );
  });
}

function portHolder(port: number, existing: ContainerState[]): string {
  const container = existing.find(({ ports }) => ports.includes(port));
  return container
    ? `the container ${container.name}`
    : (holdingProcess(port) ?? "another process");
}

const LISTENING = "0A";

/** Name and number of the process that listens on the port, where this system tells (Linux). */
function holdingProcess(port: number): string | undefined {
  try {
    const hexPort = port.toString(16).toUpperCase().padStart(4, "0");
    const inodes = ["/proc/net/tcp", "/proc/net/tcp6"]
      .flatMap((file) => readFileSync(file, "utf8").trim().split("\n").slice(1))
      .map((line) => line.trim().split(/\s+/))
      .filter(([, local, , state]) => local.endsWith(`:${hexPort}`) && state === LISTENING)
      .map((fields) => `socket:[${fields[9]}]`);
    const pid = readdirSync("/proc").find(
      (entry) => /^\d+$/.test(entry) && holdsOne(entry, inodes),
    );
    return pid && `the process ${readFileSync(`/proc/${pid}/comm`, "utf8").trim()} (${pid})`;
  } catch {
    return undefined;
  }
}

/** Processes end while they are looked at, and other people's cannot be looked into. */
function holdsOne(pid: string, sockets: string[]): boolean {
  try {
    const directory = `/proc/${pid}/fd`;
    return readdirSync(directory).some((fd) =>
      sockets.includes(readlinkSync(`${directory}/${fd}`)),
    );
  } catch {
    return false;
  }
}
