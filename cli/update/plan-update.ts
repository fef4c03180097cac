/** What comes before every update: prepare, plan, judge, print. Nothing of the stack is changed until all of it has passed. */
import { type Drift, driftLines, type DriftReport, findDrift, refusedDrift } from "../drift/drift";
import { refuseOtherEngine } from "../engine/command";
import { throwIfAny } from "../fault";
import { ledgerNotes, plannedLedgerTable } from "../migrations/ledger-lines";
import { isInOrder, type Ledger, ledgersBehind, readStackLedgers } from "../migrations/ledgers";
import { lintLines, lintPending } from "../migrations/lint";
import type { StackOptions } from "../options";
import { planLines } from "../plan/lines";
import { planNewStack } from "../plan/new-stack";
import type { Plan } from "../plan/plan";
import { previewStack } from "../plan/preview";
import { judgePlan } from "../preflight/preflight";
import { removeStaleLock, waitForOtherRun } from "../stack/engine-lock";
import { recoverInterruptedRun } from "../stack/recovery";
import { stackConfiguration } from "../stack/settings";
import type { OpenStack } from "../stack/stack";
import { readResources } from "../stack/state";
import { mark } from "../timings";
import { type Findings, noFindings } from "./findings";
import { healDrift } from "./heal-drift";
import { prepareStack } from "./prepare-stack";

type Say = (line: string) => void;

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

interface PlanningOptions {
  /** Whether the plan is going to be applied: drift is then read again, so that the plan fixes it. */
  heal: boolean;
  /** Prints a line for people; by default on standard output. */
  say?: Say;
  /** Is filled on the way, so that a run that fails can be reported, too. */
  findings?: Findings;
}

/**
 * Plans an update, and refuses one that must not happen.
 * @throws FaultError with every reason
 */
export async function planUpdate(
  options: StackOptions,
  { heal, say = (line) => console.log(line), findings = noFindings() }: PlanningOptions,
): Promise<PlannedUpdate> {
  const opened = await prepareStack(options, say);
  findings.isNew = opened === undefined;
  findings.allowDataLoss = stackConfiguration(options.stack).allowDataLoss;
  const [plan] = await Promise.all([
    opened ? planChange(opened, { heal, say, findings }) : planNewStack(options.stack),
    refuseOtherEngine(),
  ]);
  findings.plan = plan;
  const { drift, ledgers, leftForUp, allowDataLoss } = findings;
  if (!heal || !ledgers.every(isInOrder)) {
    plannedLedgerTable(plan, ledgers).forEach(say);
    ledgerNotes(ledgers).forEach(say);
  }

  const { faults, notes } = await judgePlan(plan, { dataLoss: allowDataLoss, leftForUp });
  findings.notes = notes;
  throwIfAny(faults);

  mark("planned");
  planLines(options.stack, plan, allowDataLoss).forEach(say);
  notes.forEach(say);
  findings.lint = await lintPending(plan.migrations);
  lintLines(findings.lint).forEach(say);
  return { opened, plan, drift, mayDrift: drift.length + findings.unanswered.length > 0 };
}

async function planChange(
  opened: OpenStack,
  { heal, say, findings }: Required<PlanningOptions>,
): Promise<Plan> {
  await (heal ? removeStaleLock : waitForOtherRun)(opened, say);
  findings.leftForUp = await recoverInterruptedRun(opened, { heal, servers: true }, say);

  // The servers are asked while the engine previews.
  const [preview, live] = await Promise.all([previewStack(opened), readLive(opened)]);
  const drift = live.drift.found.filter(
    ({ urn }) => urn === undefined || preview.kept.some((kept) => kept.urn === urn),
  );
  findings.plan = preview;
  findings.drift = drift;
  findings.unanswered = live.drift.unanswered;
  findings.ledgers = live.ledgers;
  throwIfAny(refusedDrift(drift, (urn) => isProtected(preview, urn)));
  driftLines(drift, heal).forEach(say);
  return heal ? healDrift(opened, preview, drift, ledgersBehind(preview, live.ledgers)) : preview;
}

const isProtected = ({ kept }: Plan, urn: string) =>
  kept.some((resource) => resource.urn === urn && resource.protect);

/** What the servers have at this moment. */
async function readLive(opened: OpenStack): Promise<{ ledgers: Ledger[]; drift: DriftReport }> {
  const resources = await readResources(opened);
  const [ledgers, drift] = await Promise.all([readStackLedgers(resources), findDrift(resources)]);
  return { ledgers, drift };
}
