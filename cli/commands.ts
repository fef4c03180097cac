import type { AccessPoints } from "../contract/outputs";
import { accessPointsTable } from "./access-points";
import {
  containerLog,
  containersOn,
  type ContainerState,
  ensureDocker,
  listContainers,
} from "./docker";
import { closedPorts } from "./docker-endpoint";
import { ENGINE_ROOT, ensureEngine } from "./engine";
import { FaultError } from "./fault";
import { ensureImages } from "./images";
import { deviations } from "./live";
import { contradictionFaults, contradictions } from "./live-checks";
import { releaseStack } from "./lock";
import type { Options } from "./options";
import { hasWork, logicalName, neededImages, type Plan, TYPES, unchangedResources } from "./plan";
import {
  engineMessage,
  known,
  planned,
  prepared,
  preparePlan,
  quietly,
  replanned,
  throwIfAny,
} from "./planning";
import { grantAgain, readPostgres } from "./postgres-state";
import { foreignUserFaults } from "./preflight";
import { Progress } from "./progress";
import { recover } from "./recovery";
import {
  engineEnvironment,
  isMade,
  type OpenStack,
  openStack,
  refuseUnknownStack,
  removeStack,
} from "./stack";
import { whileLocked } from "./stack-lock";

const say = (line: string) => console.log(line);

/** Makes or changes the stack. Everything is looked at, and every fault told, before anything is touched. */
export async function up(options: Options): Promise<void> {
  const { opened, plan, found, deviating, wasAsked } = await planned(options, { heal: true });
  await ensureImages(neededImages(plan), options.offline, say);
  if (hasWork(plan)) {
    await update(opened, plan);
  }
  const roles = deviating.flatMap(({ lostRole }) => lostRole ?? []);
  if (roles.length > 0) {
    await grantAgain(await known(opened), roles);
  }
  if (found.length > 0 || takesAway(plan)) {
    await settle(opened);
  }
  // Where everything answers follows from the configuration alone, so that the plan knows it.
  const points = plan.outputs.accessPoints as AccessPoints;
  const containers = await listContainers();
  say("");
  accessPointsTable(points, containers).forEach(say);
  await refuseUnhealthy(points, containers);
  if (!wasAsked && !opened.isNew) {
    // Its container was not running when the plan was made.
    await refuseContradictions(opened, plan);
  }
}

/** What is deleted may take along what something else has made: an ACL is the same whoever made it. */
const takesAway = ({ steps }: Plan) => steps.some(({ op }) => op === "delete");

/**
 * Looks at the servers after an update, and puts right what contradicts the stack still, once.
 * @throws FaultError with all that stays
 */
async function settle(opened: OpenStack): Promise<void> {
  const left = await contradictions(await known(opened));
  if (left.length === 0) {
    return;
  }
  const target = left.flatMap(({ urn }) => urn ?? []);
  const plan = target.length > 0 ? await replanned(opened, target) : undefined;
  if (plan && hasWork(plan)) {
    throwIfAny(plan.errors);
    await update(opened, plan);
    throwIfAny(contradictionFaults(await contradictions(await known(opened))));
  } else {
    throwIfAny(contradictionFaults(left));
  }
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
  const names = [...new Set(Object.values(points).flatMap(({ container }) => container ?? []))];
  const healthy = new Set(
    containers.filter(({ health }) => health === "healthy").map((c) => c.name),
  );
  const unwell = names.filter((name) => !healthy.has(name));
  if (unwell.length > 0) {
    const states = unwell.map((name) => `The container ${name} is not healthy.`);
    throw await failure(unwell, states, undefined);
  }
}

/** What the plan took for granted and nobody could compare before the update. */
async function refuseContradictions(opened: OpenStack, plan: Plan): Promise<void> {
  const postgres = await readPostgres(await known(opened));
  const left = await deviations(unchangedResources(plan), postgres);
  throwIfAny(left.map(({ line, fault }) => fault ?? `${line} Run up again.`));
}

/** Shows what an update would change. A stack that is made for it, and removed again, is nobody else's meanwhile. */
export const preview = (options: Options): Promise<void> =>
  isMade(options.stack) ? previewed(options) : whileLocked(options, () => previewed(options));

async function previewed(options: Options): Promise<void> {
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
  const opened = await openStack(options.stack, { make: false });
  await releaseStack(opened, say);
  await recover(opened, { heal: true, servers: false }, say);
  const resources = await managedResources(opened);
  refuseProtected(options.stack, resources);
  await refuseForeignUsers(resources);
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

/** What a person needs of a failed run: each error once, and the last words of containers that failed. */
async function failure(
  containers: string[],
  errors: string[],
  error: unknown,
): Promise<FaultError> {
  const logs = await Promise.all(
    containers.map(async (name) => `The last lines of ${name}:\n${await containerLog(name)}`),
  );
  const told = errors.length > 0 ? errors : [engineMessage(error)];
  return new FaultError([...new Set(told), ...(await unreachable(told)), ...logs]);
}

/** The reason of refused connections where servers are healthy: their engine publishes ports elsewhere. */
async function unreachable(errors: string[]): Promise<string[]> {
  if (!errors.some((error) => /connection refused|ECONNREFUSED/.test(error))) {
    return [];
  }
  const own = (await listContainers()).filter(
    ({ health, labels }) => health === "healthy" && "learning-platform.stack" in labels,
  );
  const closed = await closedPorts(own.flatMap(({ ports }) => ports));
  return closed.length > 0
    ? [
        `The containers are healthy, and ports ${closed.join(", ")} of this machine take no connection: ` +
          "the Docker Engine publishes them elsewhere. Run this where the engine runs.",
      ]
    : [];
}

interface ManagedResource {
  urn: string;
  type: string;
  protect?: boolean;
  inputs?: { name?: unknown };
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

/** Nothing is destroyed where a container of somebody else would stop it half-way. */
async function refuseForeignUsers(resources: ManagedResource[]): Promise<void> {
  const namesOf = (wanted: string) =>
    resources.filter(({ type }) => type === wanted).map(({ inputs }) => String(inputs?.name));
  const objects = (["volume", "network"] as const).flatMap((kind) =>
    namesOf(TYPES[kind]).map(async (name) => ({
      kind,
      name,
      users: await containersOn(kind, name),
    })),
  );
  throwIfAny(foreignUserFaults(await Promise.all(objects), namesOf(TYPES.container)));
}
