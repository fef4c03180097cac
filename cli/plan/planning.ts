/** What comes before every change of a stack: the machine is prepared, the plan made, and faults refused. */
import { MigrationFilesError } from "../../migrator";
import type { Options } from "../commands/options";
import { type Deviation, deviations } from "../drift/docker";
import {
  contradictedUrns,
  type Contradiction,
  contradictionLines,
  contradictions,
} from "../drift/drift";
import { type PostgresState, readPostgres } from "../drift/postgres";
import { ensureEngine } from "../engine/install";
import { EngineError } from "../engine/run";
import { FaultError } from "../fault";
import {
  dockerMemoryMb,
  ensureDocker,
  listContainers,
  listNames,
  memoryLimitNote,
  removeContainer,
} from "../machine/docker";
import {
  isInOrder,
  type Ledger,
  ledgerNotes,
  ledgersBehind,
  ledgerTargets,
  plannedLedgerTable,
  readLedgers,
} from "../migrations/ledgers";
import { pendingLintLines } from "../migrations/lint";
import { migrationLines } from "../migrations/pending-files";
import { dataLossFaults, otherErrors } from "../preflight/data-loss";
import {
  leftoverFaults,
  memoryFaults,
  occupationFaults,
  volumeFaults,
} from "../preflight/preflight";
import { releaseStack } from "../stack/engine-lock";
import { recover } from "../stack/recovery";
import {
  configurationFaults,
  type OpenStack,
  openStack,
  removeStack,
  stackConfiguration,
} from "../stack/stack";
import { type KnownResource, knownResources } from "../stack/state";
import { outageLines } from "./outages";
import {
  countChanges,
  isChange,
  keptResources,
  keptVolumes,
  newContainers,
  newNames,
  plainText,
  type Plan,
  plannedMemoryMb,
  PlanRecorder,
  protectionChanges,
  replacedVolumes,
  unchangedResources,
} from "./plan";

const say = (line: string) => console.log(line);

/** Asked for secrets, Automation reads the history afterwards, and the engine then rewrites Pulumi.<stack>.yaml. */
export const quietly = ({ configFile }: Pick<OpenStack, "configFile">) => ({
  configFile,
  showSecrets: false,
});

/** Finds or installs engine and Docker, checks the configuration, and opens the stack. */
export async function prepared(options: Options, tell: (line: string) => void): Promise<OpenStack> {
  await ensureEngine(options.offline, tell);
  const dockerFault = await ensureDocker(tell);
  throwIfAny([...(dockerFault ? [dockerFault] : []), ...configurationFaults(options.stack)]);
  return openStack(options.stack);
}

export interface Planned {
  opened: OpenStack;
  plan: Plan;
  /** What somebody changed by hand on the broker and in Redis. */
  found: Contradiction[];
  /** What was stopped, removed or changed of containers, networks, databases and roles. */
  deviating: Deviation[];
  /** Whether the database server could be asked for that. */
  wasAsked: boolean;
}

/** Prepares the machine, previews, prints the plan, and refuses what is at fault. */
export async function planned(options: Options, { heal }: { heal: boolean }): Promise<Planned> {
  const opened = await prepared(options, say);
  try {
    if (heal) {
      await releaseStack(opened, say);
    }
    const seenTo = await recover(opened, { heal, servers: true }, say);
    // The servers are asked while the engine previews.
    const [first, live] = await Promise.all([preparePlan(opened), lookAt(opened)]);
    const { ledgers, found, postgres } = live;
    const { plan, deviating } = await healed(opened, first, live, heal);
    if (!heal || !ledgers.every(isInOrder)) {
      plannedLedgerTable(plan, ledgers).forEach(say);
      ledgerNotes(ledgers).forEach(say);
    }
    const { allowDataLoss } = stackConfiguration(options.stack);
    const isLeft = (name: string) => !seenTo.has(name);
    const containers = (await listContainers()).filter(({ name }) => isLeft(name));
    const { volumes, networks } = await listNames();
    const names = { volumes: volumes.filter(isLeft), networks: networks.filter(isLeft) };
    throwIfAny([
      ...otherErrors(plan),
      ...dataLossFaults(plan, allowDataLoss),
      ...volumeFaults({ replaced: replacedVolumes(plan), kept: keptVolumes(plan) }, names.volumes),
      ...memoryFaults(plannedMemoryMb(plan), await dockerMemoryMb()),
      ...(await occupationFaults(newContainers(plan), containers)),
      ...leftoverFaults(newNames(plan), names),
    ]);
    planLines(options.stack, plan, allowDataLoss).forEach(say);
    const note = await memoryLimitNote();
    if (note) {
      say(note);
    }
    (await pendingLintLines(plan)).forEach(say);
    return { opened, plan, found, deviating, wasAsked: postgres !== undefined };
  } catch (error) {
    if (opened.isNew) {
      await removeStack(opened);
    }
    throw error;
  }
}

/** What the servers have at this moment. */
interface Live {
  ledgers: Ledger[];
  found: Contradiction[];
  postgres?: PostgresState;
}

async function lookAt(opened: OpenStack): Promise<Live> {
  const resources = await known(opened);
  const [ledgers, found, postgres] = await Promise.all([
    readStackLedgers(resources),
    contradictions(resources),
    readPostgres(resources),
  ]);
  return { ledgers, found, postgres };
}

/** The stack's resources; what the engine says against it is a fault. */
export async function known(opened: OpenStack): Promise<KnownResource[]> {
  try {
    return await knownResources(opened);
  } catch (error) {
    throw error instanceof EngineError ? new FaultError([engineMessage(error)]) : error;
  }
}

/** The live ledgers of a stack that has some; the files' own faults are the program's to tell. */
async function readStackLedgers(resources: KnownResource[]): Promise<Ledger[]> {
  try {
    return await readLedgers(ledgerTargets(resources));
  } catch (error) {
    if (error instanceof MigrationFilesError) {
      return [];
    }
    throw error;
  }
}

/**
 * The stack takes everything to be as it left it. What was stopped, removed or changed since is read again, so
 * that an update puts it right.
 * @throws FaultError where it is a person's to put right, or reading it again made no difference
 */
async function healed(
  opened: OpenStack,
  plan: Plan,
  { ledgers, found, postgres }: Live,
  heal: boolean,
): Promise<{ plan: Plan; deviating: Deviation[] }> {
  const deviating = await deviations(keptResources(plan), postgres);
  throwIfAny(deviating.flatMap(({ fault }) => fault ?? []));
  deviating.forEach(({ line }) => say(line));
  contradictionLines(found, heal).forEach(say);
  const target = [
    ...deviating.flatMap(({ urns }) => urns),
    ...ledgersBehind(plan, ledgers).map(({ urn }) => urn),
    ...contradictedUrns(plan, found),
  ];
  if (!heal || target.length === 0) {
    return { plan, deviating };
  }
  for (const { remove } of deviating) {
    if (remove !== undefined) {
      await removeContainer(remove);
    }
  }
  const again = await replanned(opened, [...new Set(target)]);
  const left = await deviations(unchangedResources(again), postgres);
  throwIfAny(left.map(({ line }) => `${line} It would not: the engine sees no change.`));
  return { plan: again, deviating };
}

/** The plan once the engine has looked at some resources as they are. */
export async function replanned(opened: OpenStack, target: string[]): Promise<Plan> {
  await opened.stack.refresh({ ...quietly(opened), target });
  return preparePlan(opened);
}

/** Previews an update; what is at fault is in the plan. */
export async function preparePlan(
  { stack, configFile }: OpenStack,
  replace?: string[],
): Promise<Plan> {
  const recorder = new PlanRecorder();
  try {
    await stack.preview({ configFile, replace, onEvent: recorder.onEvent });
  } catch (error) {
    const plan = recorder.result();
    // Without an error event the engine failed before it came to the program.
    return plan.errors.length > 0 ? plan : { ...plan, errors: [engineMessage(error)] };
  }
  return recorder.result();
}

function planLines(stack: string, plan: Plan, allowDataLoss: readonly string[]): string[] {
  const counts = Object.entries(countChanges(plan)).map(([op, count]) => `${count} to ${op}`);
  const unchanged = plan.steps.filter((step) => !isChange(step)).length;
  const protection = protectionChanges(plan);
  return [
    `Plan for stack ${stack}: ${[...counts, `${unchanged} unchanged`].join(", ")}`,
    ...(protection > 0 ? [`The protection of ${protection} resources changes`] : []),
    ...(allowDataLoss.length > 0
      ? [`May lose their data, as allowDataLoss says: ${allowDataLoss.join(", ")}`]
      : []),
    ...outageLines(plan),
    ...migrationLines(plan),
  ];
}

export function throwIfAny(faults: string[]): void {
  const distinct = [...new Set(faults)];
  if (distinct.length > 0) {
    throw new FaultError(distinct);
  }
}

/** What a person needs of an error that a run of the engine ended with: its error lines, not all it printed. */
export function engineMessage(error: unknown): string {
  const { message } = error as Error;
  const output = error instanceof EngineError ? plainText(error.output) : message;
  if (/incorrect passphrase/.test(output)) {
    return (
      "The passphrase does not open the stack's secrets. Set PULUMI_CONFIG_PASSPHRASE or " +
      "PULUMI_CONFIG_PASSPHRASE_FILE to the one that the stack was made with."
    );
  }
  const lines = output.split("\n").filter((line) => /^\s*error: /.test(line));
  return lines.length > 0 ? [...new Set(lines)].join("\n") : message;
}
