/** What a stack is at this moment. Asking changes nothing of it. */
import { SERVERS } from "../../catalog/servers";
import type { AccessPoints, Outputs } from "../../contract/outputs";
import { type LastBackup, readLastBackup } from "../backup/last";
import { type Drift, findDrift } from "../drift/drift";
import { engineIsThere } from "../engine/install";
import { dockerAnswers } from "../machine/docker";
import { type Ledger, readStackLedgers } from "../migrations/ledgers";
import { type ArchiveState, readArchiveState } from "../recover/state";
import { readReplicas, type Replica } from "../replicas/read";
import { TYPES } from "../resource-types";
import { findLocks } from "../stack/command-lock";
import { type StackContainer, stackContainers } from "../stack/containers";
import { readLocks, stillHeld } from "../stack/engine-lock";
import { keepsStateHere, localState, lockDirectory, type State } from "../stack/local-state";
import { configurationFaults, stackExists } from "../stack/settings";
import { findStack } from "../stack/stack";
import { readResources, type StackResource } from "../stack/state";

export interface Status {
  stack: string;
  /** Whether an update began to make it. */
  exists: boolean;
  /** What is wrong with its configuration. */
  configuration: string[];
  /** Who changes it at this moment: then nothing else was asked. */
  changedBy?: string;
  /** Processes of runs that were killed and left a lock. */
  staleLocks: string[];
  /** Resources that a killed run was making. */
  pendingOperations: number;
  /** Whether an update of it has ended. */
  isComplete: boolean;
  /** Undefined where the stack runs no container. */
  dockerAnswers?: boolean;
  /** Whether the Pulumi engine is there, without which neither drift nor ledgers are known. */
  engineIsThere: boolean;
  accessPoints: AccessPoints;
  containers: StackContainer[];
  ledgers: Ledger[];
  /** The replicas of PostgreSQL; none where their primary does not answer. */
  replicas: Replica[];
  drift: Drift[];
  /** Undefined where no container archives PostgreSQL's WAL, or it does not run. */
  archive?: ArchiveState;
  /** Servers that did not answer. */
  unanswered: string[];
  /** Absent where no backups are scheduled, or PostgreSQL does not answer. */
  lastBackup?: LastBackup;
}

/** @throws FaultError where the state or its passphrase is out of reach */
export async function readStatus(stack: string): Promise<Status> {
  const unknown = { ledgers: [], replicas: [], drift: [], unanswered: [] };
  const found = await findState(stack);
  const { state, resources } = found;
  const locks = locksOf(stack);
  const docker = await readDocker(stack, state);
  const status: Status = {
    stack,
    exists: found.exists,
    configuration: configurationFaults(stack),
    ...locks,
    pendingOperations: state?.pending_operations?.length ?? 0,
    isComplete: found.outputs?.services !== undefined,
    ...docker,
    engineIsThere: engineIsThere(),
    accessPoints: (found.outputs?.accessPoints ?? {}) as AccessPoints,
    ...unknown,
  };
  // What a run is changing is neither right nor wrong, and without Docker every container seems to be missing.
  const isAskable = status.changedBy === undefined && status.dockerAnswers !== false;
  return isAskable && resources
    ? { ...status, ...(await readServers(stack, resources, status)) }
    : status;
}

interface FoundState {
  exists: boolean;
  state?: State;
  /** Undefined where the engine is missing: the secrets in them are encrypted. */
  resources?: StackResource[];
  outputs?: Partial<Outputs>;
}

async function findState(stack: string): Promise<FoundState> {
  if (keepsStateHere() && !stackExists(stack)) {
    return { exists: false };
  }
  if (!engineIsThere()) {
    const state = keepsStateHere() ? localState(stack) : undefined;
    const outputs = state?.resources?.find(({ type }) => type === TYPES.stack)?.outputs;
    return { exists: true, state, outputs };
  }
  const opened = await findStack(stack);
  if (opened === undefined) {
    return { exists: false };
  }
  const resources = await readResources(opened);
  const outputs = resources.find(({ type }) => type === TYPES.stack)?.outputs;
  return { exists: true, state: opened.state, resources, outputs };
}

function locksOf(stack: string): Pick<Status, "changedBy" | "staleLocks"> {
  const own = findLocks(stack);
  const engine = keepsStateHere() ? readLocks(lockDirectory(stack)) : [];
  const held = stillHeld(engine);
  const [holder] = [
    ...own.filter(({ isStale }) => !isStale).map((lock) => lock.holder),
    ...held.map(({ pid, username, hostname }) => `process ${pid} of ${username} on ${hostname}`),
  ];
  const stale = [
    ...own.filter(({ isStale }) => isStale).map((lock) => lock.holder),
    ...engine.filter((lock) => !held.includes(lock)).map(({ pid }) => `process ${pid}`),
  ];
  return { ...(holder === undefined ? {} : { changedBy: holder }), staleLocks: stale };
}

async function readDocker(
  stack: string,
  state: State | undefined,
): Promise<Pick<Status, "dockerAnswers" | "containers">> {
  const answers = await dockerAnswers();
  const containers = answers ? await stackContainers(stack) : [];
  const runsContainers =
    containers.length > 0 || state?.resources?.some(({ type }) => type === TYPES.container);
  return { ...(runsContainers ? { dockerAnswers: answers } : {}), containers };
}

async function readServers(
  stack: string,
  resources: StackResource[],
  { containers, configuration }: Pick<Status, "containers" | "configuration">,
): Promise<
  Pick<Status, "ledgers" | "replicas" | "drift" | "unanswered" | "archive" | "lastBackup">
> {
  const archiver = containers.find(({ role }) => role === SERVERS.walArchiver.role);
  const [ledgers, replicas, { found, unanswered }, archive, lastBackup] = await Promise.all([
    readStackLedgers(resources),
    // The ledgers tell why the primary does not answer.
    readReplicas(resources).catch(() => []),
    findDrift(resources),
    archiver && readArchiveState(archiver.name),
    configuration.length > 0 ? undefined : readLastBackup(stack, resources),
  ]);
  return {
    ...{ ledgers, replicas, drift: found, unanswered },
    ...(archive === undefined ? {} : { archive }),
    ...(lastBackup === undefined ? {} : { lastBackup }),
  };
}
