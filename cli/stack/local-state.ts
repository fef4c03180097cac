/** The state that the engine keeps on this machine, in the checkout. */
import { existsSync, readdirSync, readFileSync, statfsSync } from "node:fs";
import { join, relative } from "node:path";

import { LABELS } from "../../catalog/labels";
import { FaultError } from "../fault";
import { ROOT, STATE } from "../paths";

export const PROJECT = "learning-platform";
export const LOCAL_BACKEND = withoutMetadata(`file://${STATE}`);

/**
 * The address of a backend; that of a folder without the files `.attrs`, which the engine (3.259.0, with gocloud.dev's
 * blob/fileblob/attrs.go) otherwise writes beside each file, in place. While it writes one, another run cannot load the
 * state. A run that is killed at that moment leaves it empty, and no later run can.
 */
function withoutMetadata(url: string): string {
  return !url.startsWith("file://") || /[?&]metadata=/.test(url)
    ? url
    : `${url}${url.includes("?") ? "&" : "?"}metadata=skip`;
}

/** The backend of this run: the one that the environment names, or the folder of this checkout. */
export const backend = () => withoutMetadata(process.env.PULUMI_BACKEND_URL || LOCAL_BACKEND);

/** The engine writes the whole state, with a copy of the one before, at each resource. */
const LEAST_FREE_MIB = 64;

/** Whether the state is in the folder of this checkout, and not in a backend that the environment names. */
export const keepsStateHere = () => backend() === LOCAL_BACKEND;

/** Whether Pulumi's service, or a server like it, keeps the state. */
export const isService = () => /^https?:/.test(backend());

/** Where the engine keeps the stack's locks on this machine. */
export const lockDirectory = (stack: string) =>
  join(STATE, ".pulumi", "locks", "organization", PROJECT, stack);

const statesIn = (folder: string) => join(folder, ".pulumi", "stacks", PROJECT);

/** The file of a stack's state in a folder of states. The engine writes it before anything else of the stack. */
export const stateFile = (stack: string, folder = STATE) => join(statesIn(folder), `${stack}.json`);

/** Stacks whose state is in the folder of this checkout. */
export function localStacks(): string[] {
  const folder = statesIn(STATE);
  const names = (existsSync(folder) ? readdirSync(folder) : []).map((file) =>
    /^(.+)\.json$/.exec(file),
  );
  return names.flatMap((match) => (match ? [match[1]] : []));
}

/** The parts of a stack's state that are read without the engine, as the engine writes them. */
export interface State {
  manifest?: { time?: string };
  /** pulumi 3.259: pkg/secrets/passphrase/manager.go writes the salt as its state, at `stack init` already. */
  secrets_providers?: { type?: string; state?: { salt?: string } };
  resources?: StateResource[];
  pending_operations?: { resource: StateResource }[];
}

export interface StateResource {
  type: string;
  /** ISO-8601. */
  created?: string;
  protect?: boolean;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
}

/** What a stack has, and what an interrupted run may have begun to make. */
export const resourcesIn = ({
  resources = [],
  pending_operations = [],
}: State): StateResource[] => [...resources, ...pending_operations.map(({ resource }) => resource)];

/**
 * The stack's state as the engine wrote it last; undefined where it is not on this machine, or there is none yet.
 * @throws FaultError where the file is incomplete
 */
export function localState(stack: string): State | undefined {
  const file = stateFile(stack);
  if (!keepsStateHere() || !existsSync(file)) {
    return undefined;
  }
  return parseState(readFileSync(file, "utf8"), relative(ROOT, file), stack);
}

function parseState(text: string, file: string, stack: string): State | undefined {
  try {
    return (JSON.parse(text) as { checkpoint: { latest?: State } }).checkpoint.latest;
  } catch {
    const own = `--filter label=${LABELS.stack}=${stack}`;
    throw new FaultError([
      `The state of stack ${stack}, ${file}, is incomplete; a full disk may have cut it off. Restore a copy of it. ` +
        "Without a copy the stack's passwords are lost: save the data that you need, then remove what the stack created, and the file:\n" +
        `docker rm -f $(docker ps -aq ${own})\n` +
        `docker volume rm $(docker volume ls -q ${own})\n` +
        `docker network rm $(docker network ls -q ${own})\n` +
        `rm ${file} .platform/stacks/Pulumi.${stack}.yaml`,
    ]);
  }
}

/**
 * Refuses to run while the state might not fit on its disk. The engine (3.259.0) was seen to cut off both the state and
 * its copy then.
 * @throws FaultError
 */
export function refuseFullDisk(): void {
  const { bavail, bsize } = statfsSync(STATE);
  const fault = diskFault((bavail * bsize) / (1024 * 1024));
  if (fault !== undefined) {
    throw new FaultError([fault]);
  }
}

/** Refuses a disk without enough free space for the state. */
export const diskFault = (freeMib: number): string | undefined =>
  freeMib >= LEAST_FREE_MIB
    ? undefined
    : `The disk of ${relative(ROOT, STATE)} has ${Math.floor(freeMib)} MiB free, and ${LEAST_FREE_MIB} MiB are needed: ` +
      "a state that does not fit is lost, with the stack's passwords. Free some space.";
