import { CommandError } from "@pulumi/pulumi/automation";

import { MigrationFilesError } from "../migrator";
import { type AccessPoints, accessPointsTable } from "./access-points";
import { dataLossFaults, otherErrors } from "./data-loss";
import {
  containerLog,
  type ContainerState,
  dockerMemoryMb,
  ensureDocker,
  listContainers,
  listNames,
} from "./docker";
import { ENGINE_ROOT, ensureEngine } from "./engine";
import { FaultError } from "./fault";
import { ensureImages } from "./images";
import {
  isInOrder,
  type Ledger,
  ledgerNotes,
  ledgersBehind,
  ledgerTargets,
  plannedLedgerTable,
  readLedgers,
} from "./ledgers";
import { pendingLintLines } from "./lint";
import { releaseStack } from "./lock";
import { migrationLines } from "./migrations";
import type { Options } from "./options";
import {
  countChanges,
  hasWork,
  isChange,
  keptContainers,
  keptVolumes,
  logicalName,
  neededImages,
  newContainers,
  newNames,
  plainText,
  type Plan,
  plannedMemoryMb,
  PlanRecorder,
  protectionChanges,
  replacedVolumes,
} from "./plan";
import { leftoverFaults, memoryFaults, occupationFaults, volumeFaults } from "./preflight";
import { Progress } from "./progress";
import { recover } from "./recovery";
import {
  configurationFaults,
  engineEnvironment,
  type OpenStack,
  openStack,
  refuseUnknownStack,
  removeStack,
  stackConfiguration,
} from "./stack";

const say = (line: string) => console.log(line);

/** Makes or changes the stack. Everything is looked at, and every fault told, before anything is touched. */
export async function up(options: Options): Promise<void> {
  const { opened, plan } = await planned(options, { heal: true });
  await ensureImages(neededImages(plan), options.offline, say);
  if (hasWork(plan)) {
    await update(opened, plan);
  }
  // Where everything answers follows from the configuration alone, so that the plan knows it.
  const points = plan.outputs.accessPoints as AccessPoints;
  const containers = await listContainers();
  say("");
  accessPointsTable(points, containers).forEach(say);
  await refuseUnhealthy(points, containers);
}

/** @param replace URNs of resources that are made anew although their inputs are the same */
export async function update(
  { stack, ...opened }: OpenStack,
  plan: Plan,
  replace?: string[],
): Promise<void> {
  say(`Updating stack ${stack.name}`);
  await followed(plan.steps, (onEvent) => stack.up({ ...quietly(opened), replace, onEvent }));
}

/** Runs an operation of the engine with its progress printed, and tells what a person needs where it fails. */
async function followed(
  steps: ConstructorParameters<typeof Progress>[0],
  operation: (onEvent: Progress["onEvent"]) => Promise<unknown>,
): Promise<void> {
  const progress = new Progress(steps, say);
  try {
    await operation(progress.onEvent);
  } catch (error) {
    throw await failure(progress.failedContainers, progress.errors, error);
  }
}

/** A container may have failed since it was made, by no change of the program. */
async function refuseUnhealthy(points: AccessPoints, containers: ContainerState[]): Promise<void> {
  const names = [...new Set(Object.values(points).map(({ container }) => container))];
  const healthy = new Set(
    containers.filter(({ health }) => health === "healthy").map((c) => c.name),
  );
  const unwell = names.filter((name) => !healthy.has(name));
  if (unwell.length > 0) {
    const states = unwell.map((name) => `The container ${name} is not healthy.`);
    throw await failure(unwell, states, undefined);
  }
}

/** Shows what an update would change. */
export async function preview(options: Options): Promise<void> {
  const { opened } = await planned(options, { heal: false });
  if (opened.isNew) {
    await removeStack(opened);
  }
}

/** Destroys the stack's resources, then the stack and every file that runs wrote for it. */
export async function down(options: Options): Promise<void> {
  refuseUnknownStack(options.stack);
  await ensureEngine(options.offline, say);
  const fault = await ensureDocker(say);
  if (fault) {
    throw new FaultError([fault]);
  }
  const opened = await openStack(options.stack);
  await releaseStack(opened, say);
  await recover(opened, { heal: true, servers: false }, say);
  const resources = await managedResources(opened);
  refuseProtected(options.stack, resources);
  say(`Destroying stack ${options.stack}`);
  await followed(
    resources.map(({ type }) => ({ type, op: "delete" })),
    (onEvent) => opened.stack.destroy({ ...quietly(opened), onEvent }),
  );
  await removeStack(opened);
  say(`Stack ${options.stack} is gone, with its containers, volumes, network and files.`);
}

/** Installs what a plain `pulumi up` needs; standard output holds the exports and nothing else. */
export async function setup(options: Options): Promise<void> {
  const aside = (line: string) => console.error(line);
  const opened = await prepared(options, aside);
  const plan = await preparePlan(opened);
  throwIfAny(plan.errors);
  await ensureImages(neededImages(plan), options.offline, aside);
  for (const [key, value] of Object.entries(engineEnvironment())) {
    say(`export ${key}=${shellQuoted(value)}`);
  }
  say(`export PATH=${shellQuoted(`${ENGINE_ROOT}/bin`)}:"$PATH"`);
  aside(`Now: pulumi up --stack ${options.stack} --config-file ${opened.configFile}`);
}

const shellQuoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

/** Asked for secrets, Automation reads the history afterwards, and the engine then rewrites Pulumi.<stack>.yaml. */
const quietly = ({ configFile }: Pick<OpenStack, "configFile">) => ({
  configFile,
  showSecrets: false,
});

/** Finds or installs engine and Docker, checks the configuration, and opens the stack. */
async function prepared(options: Options, tell: (line: string) => void): Promise<OpenStack> {
  await ensureEngine(options.offline, tell);
  const dockerFault = await ensureDocker(tell);
  throwIfAny([...(dockerFault ? [dockerFault] : []), ...configurationFaults(options.stack)]);
  return openStack(options.stack);
}

/** Prepares the machine, previews, prints the plan, and refuses what is at fault. */
export async function planned(
  options: Options,
  { heal }: { heal: boolean },
): Promise<{ opened: OpenStack; plan: Plan }> {
  const opened = await prepared(options, say);
  try {
    if (heal) {
      await releaseStack(opened, say);
    }
    const seenTo = await recover(opened, { heal, servers: true }, say);
    // The databases are asked while the engine previews.
    const [first, ledgers] = await Promise.all([preparePlan(opened), readStackLedgers(opened)]);
    const plan = await healed(opened, first, ledgers, heal);
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
    (await pendingLintLines(plan)).forEach(say);
    return { opened, plan };
  } catch (error) {
    if (opened.isNew) {
      await removeStack(opened);
    }
    throw error;
  }
}

/** The live ledgers of a stack that has some; the files' own faults are the program's to tell. */
async function readStackLedgers(opened: OpenStack): Promise<Ledger[]> {
  try {
    return opened.isNew ? [] : await readLedgers(await ledgerTargets(opened));
  } catch (error) {
    if (error instanceof MigrationFilesError) {
      return [];
    }
    throw error instanceof CommandError ? new FaultError([engineMessage(error)]) : error;
  }
}

/**
 * The stack takes its containers and databases to be as it left them. Where a container was stopped or removed
 * since, or a database lacks what its files make, its real state is read, so that an update puts it right.
 */
async function healed(
  opened: OpenStack,
  plan: Plan,
  ledgers: Ledger[],
  heal: boolean,
): Promise<Plan> {
  const running = new Set(
    (await listContainers()).filter(({ health }) => RUNNING.has(health)).map(({ name }) => name),
  );
  const fallen = keptContainers(plan).filter(({ name }) => !running.has(name));
  const target = [...fallen, ...ledgersBehind(plan, ledgers)].map(({ urn }) => urn);
  if (target.length === 0) {
    return plan;
  }
  fallen.forEach(({ name }) => say(`The container ${name} is not running; up starts it again.`));
  if (!heal) {
    return plan;
  }
  await opened.stack.refresh({ ...quietly(opened), target });
  return preparePlan(opened);
}

/** States of a container that runs: the last three are those of its health check. */
const RUNNING = new Set(["running", "starting", "healthy", "unhealthy"]);

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
    ...migrationLines(plan),
  ];
}

function throwIfAny(faults: string[]): void {
  const distinct = [...new Set(faults)];
  if (distinct.length > 0) {
    throw new FaultError(distinct);
  }
}

/** What a person needs of a failed run: each error once, and the last words of containers that failed. */
async function failure(
  containers: string[],
  errors: string[],
  error: unknown,
): Promise<FaultError> {
  const logs = await Promise.all(
    containers.map(async (name) => `The last lines of ${name}:\n${await containerLog(name)}`),
  );
  return new FaultError([...new Set(errors.length > 0 ? errors : [engineMessage(error)]), ...logs]);
}

/** The engine's own error lines out of what Automation throws, which repeats the whole output. */
function engineMessage(error: unknown): string {
  const text = plainText(String((error as Error).message ?? error));
  const lines = text.split("\n").filter((line) => /^\s*error: /.test(line));
  if (/incorrect passphrase/.test(text)) {
    return (
      "The passphrase does not open the stack's secrets. Set PULUMI_CONFIG_PASSPHRASE or " +
      "PULUMI_CONFIG_PASSPHRASE_FILE to the one that the stack was made with."
    );
  }
  return lines.length > 0 ? [...new Set(lines)].join("\n") : text;
}

interface ManagedResource {
  urn: string;
  type: string;
  protect?: boolean;
}

export async function managedResources({ stack }: OpenStack): Promise<ManagedResource[]> {
  const { deployment } = await stack.exportStack();
  return (deployment as { resources?: ManagedResource[] } | undefined)?.resources ?? [];
}

/** Nothing is destroyed where one resource is protected: half a platform serves nobody. */
function refuseProtected(stack: string, resources: ManagedResource[]): void {
  const kept = resources.filter(({ protect }) => protect);
  if (kept.length > 0) {
    throw new FaultError([
      `Stack ${stack} protects ${kept.length} resources, ${logicalName(kept[0].urn)} first. ` +
        "To destroy it with its data, set learning-platform:protect to false, run up, and then down.",
    ]);
  }
}
