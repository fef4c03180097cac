import { Command } from "commander";

import { SERVERS } from "../../catalog/servers";
import { refuseOtherEngine } from "../engine/command";
import { ensureEngine } from "../engine/install";
import { throwIfAny } from "../fault";
import { ensureDocker } from "../machine/docker";
import { docker, dockerOk } from "../machine/docker-command";
import { examples, offlineOption, stackOption, type StackOptions } from "../options";
import { otherContainerFaults, protectionFaults } from "../preflight/teardown";
import { isContainerOf, TYPES } from "../resource-types";
import { whileLocked } from "../stack/command-lock";
import { removeStaleLock } from "../stack/engine-lock";
import { resourcesIn } from "../stack/local-state";
import { recoverInterruptedRun } from "../stack/recovery";
import { refuseUnknownStack } from "../stack/settings";
import { openStack, removeStack, withoutSecrets } from "../stack/stack";
import { readState, type StackResource } from "../stack/state";
import { followProgress } from "../update/apply-plan";
import { keptVolumesIn } from "../upgrade/server";

export const down = new Command("down")
  .description("destroy the stack, its data, and every file that runs wrote for it")
  .addOption(stackOption())
  .addOption(offlineOption())
  .addHelpText("after", examples("npm run down -- --stack pr-7"))
  .action((options: StackOptions) => runDown(options));

/** @param patienceMs how long to wait for another command on the stack */
export const runDown = (options: StackOptions, patienceMs?: number) =>
  whileLocked({ stack: options.stack, command: "down" }, () => destroyStack(options), patienceMs);

export async function destroyStack({ stack: name, offline }: StackOptions): Promise<void> {
  const say = (line: string) => console.log(line);
  refuseUnknownStack(name);
  await ensureEngine(offline, say);
  const [opened] = await Promise.all([openStack(name), refuseOtherEngine()]);
  if (resourcesIn(opened.state ?? {}).some(({ type }) => type.startsWith("docker:"))) {
    const dockerFault = await ensureDocker(say);
    throwIfAny(dockerFault ? [dockerFault] : []);
  }
  await removeStaleLock(opened, say);
  await recoverInterruptedRun(opened, { heal: true, servers: false }, say);

  const resources = await readState(opened);
  throwIfAny(protectionFaults(name, resources));
  throwIfAny(await otherContainerFaults(resources));

  const kept = await keptVolumesIn(name, resources);

  say(`Destroying stack ${name}`);
  await Promise.all([
    removeServers(serversToRemove(resources)),
    followProgress(
      resources.map(({ type }) => ({ type, op: "delete" })),
      (onEvent) => opened.stack.destroy({ ...withoutSecrets(opened), onEvent }),
    ),
  ]);
  for (const volume of kept) {
    await dockerOk(`${volume}, which an upgrade kept, was not removed`, ["volume", "rm", volume]);
  }
  await removeStack(opened);
  say(`Stack ${name} is destroyed, with its containers, volumes, network and files.`);
}

/**
 * Ids of the containers that need not stop in order, as their data goes with them. None of a stack with an archive of WAL: that
 * outlives the stack, and gets the last of the WAL while PostgreSQL stops.
 */
export function serversToRemove(resources: readonly StackResource[]): string[] {
  const archives = resources.some((resource) => isContainerOf(SERVERS.walArchiver.role, resource));
  const containers = resources.filter(({ type, id }) => type === TYPES.container && id !== "");
  return archives ? [] : containers.map(({ id }) => id);
}

/**
 * Removes all servers at once, while the engine starts. It does not ask them for what is on them (`deletedWith`), and a container
 * that is gone is no error to it (kreuzwerker/terraform-provider-docker 96d331c, resource_docker_container_funcs.go:1153-1188).
 * What is left of them is the engine's to remove, which says why it cannot.
 */
async function removeServers(ids: readonly string[]): Promise<void> {
  if (ids.length > 0) {
    await docker(["rm", "--force", "--volumes", ...ids]);
  }
}
