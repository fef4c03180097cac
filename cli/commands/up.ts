import { Command } from "commander";

import type { AccessPoints } from "../../contract/outputs";
import { listContainers } from "../machine/docker";
import { ensureImages, reportStandIns } from "../machine/images";
import { examples, offlineOption, stackOption, type StackOptions } from "../options";
import { whileLocked } from "../stack/command-lock";
import { createStack } from "../stack/stack";
import { accessPointsTable } from "../terminal/access-points";
import { applyPlan } from "../update/apply-plan";
import { type Approved, readApproved, refuseOtherPlan } from "../update/approved-plan";
import { refuseUnhealthy } from "../update/failure";
import { fixRemainingDrift } from "../update/heal-drift";
import { refuseOtherMajor } from "../update/image-major";
import { planUpdate } from "../update/plan-update";

export const up = new Command("up")
  .description("create the stack, or change it until it is as the program says")
  .addOption(stackOption())
  .addOption(offlineOption())
  .option(
    "--plan <file>",
    "what preview --json printed: refuse to run if anything else would change",
  )
  .addHelpText("after", examples("npm run up", "npm run up -- --stack staging --plan plan.json"))
  .action(async ({ plan, ...options }: StackOptions & { plan?: string }) => {
    await runUp(options, { approved: plan === undefined ? undefined : readApproved(plan) });
  });

interface UpLimits {
  /** The only plan that may be carried out. */
  approved?: Approved;
  /** How long to wait for another command on the stack, in milliseconds. */
  patienceMs?: number;
}

/** @returns where the stack's servers answer */
export const runUp = (options: StackOptions, { approved, patienceMs }: UpLimits = {}) =>
  whileLocked(
    { stack: options.stack, command: "up" },
    () => updateStack(options, approved),
    patienceMs,
  );

/** Checks everything first and reports all faults together; only then touches the stack. */
export async function updateStack(
  options: StackOptions,
  approved?: Approved,
): Promise<AccessPoints> {
  const say = (line: string) => console.log(line);
  if (approved) {
    await refuseOtherPlan(options, approved);
  }
  const { plan, mayDrift, ...planned } = await planUpdate(options, { heal: true });
  const prepareImages = plan.hasWork ? ensureImages : reportStandIns;
  const [opened] = await Promise.all([
    planned.opened ?? createStack(options.stack),
    prepareImages(plan.images, options.offline, say).then(() =>
      refuseOtherMajor(options.stack, plan.images),
    ),
  ]);
  if (plan.hasWork) {
    await applyPlan(opened, plan);
  }
  // What is deleted may take along what another resource made: an ACL is the same whichever resource made it.
  if (mayDrift || "delete" in plan.counts) {
    await fixRemainingDrift(opened);
  }
  const isRun = Object.values(plan.accessPoints).some(({ container }) => container !== undefined);
  const containers = isRun ? await listContainers() : [];
  say("");
  accessPointsTable(plan.accessPoints, containers).forEach(say);
  await refuseUnhealthy(plan.accessPoints, containers);
  return plan.accessPoints;
}
