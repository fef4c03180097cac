/** What comes before every update: prepare, plan, judge, print. Nothing of the stack is changed until all of it has passed. */
import { type Drift, driftLines, type DriftReport, findDrift, refusedDrift } from "../drift/drift";
import { refuseOtherEngine } from "../engine/command";
import { throwIfAny } from "../fault";
import { ledgerNotes, plannedLedgerTable } from "../migrations/ledger-lines";
import { isInOrder, type Ledger, ledgersBehind, readStackLedgers } from "../migrations/ledgers";
import { pendingLintLines } from "../migrations/lint";
import type { StackOptions } from "../options";
import { planLines } from "../plan/lines";
import { planNewStack } from "../plan/new-stack";
import type { Plan } from "../plan/plan";
import { previewStack } from "../plan/preview";
import { judgePlan } from "../preflight/preflight";
import { removeStaleLock } from "../stack/engine-lock";
import { recoverInterruptedRun } from "../stack/recovery";
import { stackConfiguration } from "../stack/settings";
import type { OpenStack } from "../stack/stack";
import { readResources } from "../stack/state";
import { mark } from "../timings";
import { healDrift } from "./heal-drift";
import { prepareStack } from "./prepare-stack";

const say = (line: string) => console.log(line);

/** An update that may happen. */
export interface PlannedUpdate {
  /** Undefined where the update creates the stack. */
  opened?: OpenStack;
  plan: Plan;
  /** What was no longer as the stack left it; the plan fixes it where it is to be healed. */
  drift: Drift[];
  /** Whether drift must be looked for after the update, too: it was found, or a server did not answer. */
  mayDrift: boolean;
}

/** A plan with what was found on the way to it. */
interface Draft extends Omit<PlannedUpdate, "opened"> {
  ledgers: Ledger[];
  /** Names of Docker objects that an interrupted run left, and that `up` recovers first. */
  leftForUp: ReadonlySet<string>;
}

/**
 * Plans an update, and refuses one that must not happen.
 * @param heal whether the plan is going to be applied: drift is then read again, so that the plan fixes it
 * @throws FaultError with every reason
 */
export async function planUpdate(
  options: StackOptions,
  { heal }: { heal: boolean },
): Promise<PlannedUpdate> {
  const opened = await prepareStack(options, say);
  const [draft] = await Promise.all([
    opened ? planChange(opened, heal) : planCreation(options.stack),
    refuseOtherEngine(),
  ]);
  const { plan, drift, mayDrift, ledgers, leftForUp } = draft;
  const { allowDataLoss } = stackConfiguration(options.stack);
  if (!heal || !ledgers.every(isInOrder)) {
    plannedLedgerTable(plan, ledgers).forEach(say);
    ledgerNotes(ledgers).forEach(say);
  }

  const { faults, notes } = await judgePlan(plan, { dataLoss: allowDataLoss, leftForUp });
  throwIfAny(faults);

  mark("planned");
  planLines(options.stack, plan, allowDataLoss).forEach(say);
  notes.forEach(say);
  (await pendingLintLines(plan.migrations)).forEach(say);
  return { opened, plan, drift, mayDrift };
}

async function planCreation(stack: string): Promise<Draft> {
  const plan = await planNewStack(stack);
  return { plan, drift: [], mayDrift: false, ledgers: [], leftForUp: new Set() };
}

async function planChange(opened: OpenStack, heal: boolean): Promise<Draft> {
  if (heal) {
    await removeStaleLock(opened, say);
  }
  const leftForUp = await recoverInterruptedRun(opened, { heal, servers: true }, say);

  // The servers are asked while the engine previews.
  const [preview, live] = await Promise.all([previewStack(opened), readLive(opened)]);
  const drift = live.drift.found.filter(
    ({ urn }) => urn === undefined || preview.kept.some((kept) => kept.urn === urn),
  );
  throwIfAny(refusedDrift(drift, (urn) => isProtected(preview, urn)));
  driftLines(drift, heal).forEach(say);
  const plan = heal
    ? await healDrift(opened, preview, drift, ledgersBehind(preview, live.ledgers))
    : preview;
  const mayDrift = drift.length > 0 || !live.drift.isComplete;
  return { plan, drift, mayDrift, ledgers: live.ledgers, leftForUp };
}

const isProtected = ({ kept }: Plan, urn: string) =>
  kept.some((resource) => resource.urn === urn && resource.protect);

/** What the servers have at this moment. */
async function readLive(opened: OpenStack): Promise<{ ledgers: Ledger[]; drift: DriftReport }> {
  const resources = await readResources(opened);
  const [ledgers, drift] = await Promise.all([readStackLedgers(resources), findDrift(resources)]);
  return { ledgers, drift };
}
