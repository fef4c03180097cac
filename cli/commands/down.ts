import { Command } from "commander";

import { refuseOtherEngine } from "../engine/command";
import { ensureEngine } from "../engine/install";
import { throwIfAny } from "../fault";
import { ensureDocker } from "../machine/docker";
import { dockerOk } from "../machine/docker-command";
import { examples, offlineOption, stackOption, type StackOptions } from "../options";
import { otherContainerFaults, protectionFaults } from "../preflight/teardown";
import { whileLocked } from "../stack/command-lock";
import { removeStaleLock } from "../stack/engine-lock";
import { resourcesIn } from "../stack/local-state";
import { recoverInterruptedRun } from "../stack/recovery";
import { refuseUnknownStack } from "../stack/settings";
import { openStack, removeStack, withoutSecrets } from "../stack/stack";
import { readState } from "../stack/state";
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
  await followProgress(
    resources.map(({ type }) => ({ type, op: "delete" })),
    (onEvent) => opened.stack.destroy({ ...withoutSecrets(opened), onEvent }),
  );
  for (const volume of kept) {
    await dockerOk(`${volume}, which an upgrade kept, was not removed`, ["volume", "rm", volume]);
  }
  await removeStack(opened);
  say(`Stack ${name} is destroyed, with its containers, volumes, network and files.`);
}
