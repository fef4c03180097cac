/** How an update fixes drift: the engine trusts its state, so it must read again what changed. */
import {
  type PostgresAdministrator,
  revokeDatabase,
} from "../../components/postgres/postgres-client";
import { type Drift, findDrift, refusedDrift, remainingDrift, urnsToRefresh } from "../drift/drift";
import { throwIfAny } from "../fault";
import { removeContainer } from "../machine/docker";
import type { Ledger } from "../migrations/ledgers";
import { leavesUnchanged, type Plan } from "../plan/plan";
import { allErrors, refreshAndPreview } from "../plan/preview";
import type { OpenStack } from "../stack/stack";
import { readResources, type StackResource } from "../stack/state";
import { applyPlan } from "./apply-plan";

/** @returns the plan that fixes the drift and runs what the ledgers lack; the same plan where there is nothing to fix */
export async function healDrift(
  opened: OpenStack,
  plan: Plan,
  drift: Drift[],
  ledgers: Pick<Ledger, "urn">[],
): Promise<Plan> {
  const isTrusted = ({ urn }: Drift) => urn !== undefined && leavesUnchanged(plan, urn);
  const target = [...urnsToRefresh(drift.filter(isTrusted)), ...ledgers.map(({ urn }) => urn)];
  for (const { removeContainer: id } of drift) {
    if (id !== undefined) {
      await removeContainer(id);
    }
  }
  if (drift.some(isGiven)) {
    await revokeGiven(drift, await readResources(opened));
  }
  return target.length > 0 ? refreshAndPreview(opened, [...new Set(target)]) : plan;
}

/** Revokes what no resource names, so that the engine cannot. */
async function revokeGiven(drift: Drift[], resources: readonly StackResource[]): Promise<void> {
  for (const { urn, revoke } of drift) {
    const rights = resources.find((resource) => resource.urn === urn);
    if (revoke !== undefined && rights !== undefined) {
      await revokeDatabase(rights.inputs as unknown as PostgresAdministrator, revoke);
    }
  }
}

const isGiven = ({ revoke }: Drift) => revoke !== undefined;

/** A server that was too busy to answer before the first attempt shows its drift only after it. */
const ATTEMPTS = 2;

/**
 * Looks for drift after an update, and fixes it. An update may cause drift itself: a deleted resource takes rights with it that
 * another one made, too.
 * @throws FaultError with all that remains
 */
export async function fixRemainingDrift(opened: OpenStack): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    if (!(await fixFound(opened))) {
      return;
    }
  }
  const left = await findDrift(await readResources(opened));
  throwIfAny(remainingDrift(left.found));
}

/**
 * @returns whether anything was changed
 * @throws FaultError with what was found and cannot be fixed
 */
async function fixFound(opened: OpenStack): Promise<boolean> {
  const resources = await readResources(opened);
  let { found } = await findDrift(resources);
  const isProtected = (urn: string) =>
    resources.some((resource) => resource.urn === urn && resource.protect);
  throwIfAny(refusedDrift(found, isProtected));
  if (found.some(isGiven)) {
    await revokeGiven(found, resources);
    ({ found } = await findDrift(resources));
  }
  const target = urnsToRefresh(found);
  const plan = target.length > 0 ? await refreshAndPreview(opened, target) : undefined;
  if (!plan?.hasWork) {
    throwIfAny(remainingDrift(found));
    return false;
  }
  throwIfAny(allErrors(plan));
  await applyPlan(opened, plan);
  return true;
}
