/**
 * Volumes of a limited size, so that a disk can be filled without filling the machine's. Docker's own driver has no limit
 * that works on every file system, but it mounts a tmpfs (docs.docker.com/reference/cli/docker/volume/create, "opt"). A
 * tmpfs lives as long as a container has it: a keeper has all of them, and fills them. What a kill leaves is the same as
 * on a disk, because both keep what the process gave to the kernel. A power cut cannot be tried on either.
 */
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

/** Roles whose volume can be filled. */
export const BOUNDED_ROLES = Object.keys(SIZES_MB);

const BALLAST = "chaos-ballast";

const volumeOf = (stack: string, role: string) => `${containerPrefix(stack)}-${role}-data`;
const keeperOf = (stack: string) => `${containerPrefix(stack)}-keeper`;

/** Creates the volumes under the names that the stack gives its own: the plugin takes a volume that is there. */
export async function createVolumes(stack: string): Promise<void> {
  for (const [role, size] of Object.entries(SIZES_MB)) {
    const tmpfs = ["type=tmpfs", "device=tmpfs", `o=size=${size}m`];
    await docker(
      ...["volume", "create", ...labelArgs(stack)],
      ...tmpfs.flatMap((opt) => ["--opt", opt]),
      volumeOf(stack, role),
    );
  }
}

/** @param image has a shell and coreutils or busybox */
export async function startKeeper(stack: string, image: string): Promise<void> {
  const mounts = BOUNDED_ROLES.flatMap((role) => [
    "-v",
    `${volumeOf(stack, role)}:/volumes/${role}`,
  ]);
  await docker(
    ...[
      "run",
      "--detach",
      "--init",
      "--name",
      keeperOf(stack),
      ...labelArgs(stack),
      "--network",
      "none",
    ],
    ...["--user", "root", ...mounts, "--entrypoint", "sleep", image, "86400"],
  );
}

/**
 * Raises the limits of the servers' memory by the sizes of their volumes: the kernel counts the pages of a tmpfs as memory
 * of whoever writes them (kernel.org/doc, cgroup-v1/memory, "2.2 Accounting"; cgroup-v2, "Memory Ownership").
 * @param containers names by role
 */
export async function allowForVolumes(containers: ReadonlyMap<string, string>): Promise<void> {
  for (const [role, size] of Object.entries(SIZES_MB)) {
    const container = containers.get(role)!;
    const limit = Number(await docker("inspect", "--format", "{{.HostConfig.Memory}}", container));
    const raised = String(limit + size * 2 ** 20);
    await docker("update", "--memory", raised, "--memory-swap", raised, container);
  }
}

/** It holds the volumes, so that nobody else can remove them. One that does not exist is passed over. */
export async function removeKeeper(stack: string): Promise<void> {
  await docker("rm", "--force", keeperOf(stack)).catch(() => undefined);
}

/** For a stack that did not come up; `down` removes those of the others. */
export async function removeVolumes(stack: string): Promise<void> {
  for (const role of BOUNDED_ROLES) {
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
