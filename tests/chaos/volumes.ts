/**
 * Volumes of a limited size, so that a disk can be filled without filling the machine's. Docker's own driver has no limit
 * that works on every file system, but it mounts a tmpfs (docs.docker.com/reference/cli/docker/volume/create, "opt"). A
 * tmpfs lives as long as a container has it: a keeper has all of them, and fills them. What a kill leaves is the same as
 * on a disk, because both keep what the process gave to the kernel. A power cut cannot be tried on either.
 */
import { coerce, gte } from "semver";

import { docker } from "../e2e/support/docker";
import { containerPrefix, labelArgs } from "./names";

/** Sizes in MiB by role: what the servers write in ten minutes, twice over. */
const SIZES_MB: Readonly<Record<string, number>> = {
  postgres: 512,
  "redis-session": 256,
  redpanda: 384,
};

/** Free MiB that a filled volume has: the broker refuses writes below 10 (storage_min_free_bytes), and must not crash. */
const FREE_MB: Readonly<Record<string, number>> = { redpanda: 4 };

/**
 * Redpanda asks for O_DIRECT when it starts (src/v/syschecks/syschecks.cc, disk), which tmpfs has from Linux 6.6 on
 * (kernelnewbies.org/Linux_6.6, "tmpfs").
 */
const LEAST_LINUX: Readonly<Record<string, string>> = { redpanda: "6.6.0" };

/** Roles whose volume can be a tmpfs on this machine. */
export async function boundedRoles(): Promise<string[]> {
  const linux = coerce(await docker("info", "--format", "{{.KernelVersion}}")) ?? "0.0.0";
  return Object.keys(SIZES_MB).filter((role) => gte(linux, LEAST_LINUX[role] ?? "0.0.0"));
}

const BALLAST = "chaos-ballast";

const volumeOf = (stack: string, role: string) => `${containerPrefix(stack)}-${role}-data`;
const keeperOf = (stack: string) => `${containerPrefix(stack)}-keeper`;

/** Creates the volumes under the names that the stack gives its own: the plugin takes a volume that is there. */
export async function createVolumes(stack: string, roles: readonly string[]): Promise<void> {
  for (const role of roles) {
    const tmpfs = ["type=tmpfs", "device=tmpfs", `o=size=${SIZES_MB[role]}m`];
    await docker(
      ...["volume", "create", ...labelArgs(stack)],
      ...tmpfs.flatMap((opt) => ["--opt", opt]),
      volumeOf(stack, role),
    );
  }
}

/** @param image has a shell, dd and df */
export async function startKeeper(
  stack: string,
  roles: readonly string[],
  image: string,
): Promise<void> {
  await docker(
    ...["run", "--detach", "--name", keeperOf(stack), ...labelArgs(stack)],
    ...["--network", "none", "--user", "root", "--entrypoint", "sleep"],
    ...roles.flatMap((role) => ["--volume", `${volumeOf(stack, role)}:/volumes/${role}`]),
    ...[image, "86400"],
  );
}

/**
 * Raises the limits of the servers' memory by the sizes of their volumes: the kernel counts the pages of a tmpfs as memory
 * of whoever writes them (kernel.org/doc, cgroup-v1/memory, "2.2 Accounting"; cgroup-v2, "Memory Ownership").
 * @param containers names by role
 */
export async function allowForVolumes(
  roles: readonly string[],
  containers: ReadonlyMap<string, string>,
): Promise<void> {
  for (const role of roles) {
    const container = containers.get(role)!;
    const limit = Number(await docker("inspect", "--format", "{{.HostConfig.Memory}}", container));
    const raised = String(limit + SIZES_MB[role] * 2 ** 20);
    await docker("update", "--memory", raised, "--memory-swap", raised, container);
  }
}

/** It holds the volumes, so that nobody else can remove them. One that does not exist is passed over. */
export async function removeKeeper(stack: string): Promise<void> {
  await docker("rm", "--force", keeperOf(stack)).catch(() => undefined);
}

/** For a stack that did not come up; `down` removes those of the others. */
export async function removeVolumes(stack: string): Promise<void> {
  for (const role of Object.keys(SIZES_MB)) {
    await docker("volume", "rm", "--force", volumeOf(stack, role)).catch(() => undefined);
  }
}

const inKeeper = (stack: string, script: string) =>
  docker("exec", keeperOf(stack), "sh", "-c", script);

/** Fills the volume with one file. */
export async function fillVolume(stack: string, role: string): Promise<void> {
  const folder = `/volumes/${role}`;
  const free = `$(($(df -Pk ${folder} | awk 'NR == 2 { print $4 }') / 1024 - ${FREE_MB[role] ?? 0}))`;
  // Where nothing may stay free, the last block is not a whole one: dd then fails with what it is to reach.
  const extra = role in FREE_MB ? 0 : 1;
  await inKeeper(
    stack,
    `dd if=/dev/zero of=${folder}/${BALLAST} bs=1M count=$((${free} + ${extra})) 2>/dev/null || true`,
  );
}

export const emptyVolume = (stack: string, role: string) =>
  inKeeper(stack, `rm -f /volumes/${role}/${BALLAST}`);
