/** The state that the engine keeps on this machine, in the checkout. */
import { existsSync, readFileSync, statfsSync } from "node:fs";
import { join, relative } from "node:path";

import { FaultError } from "../fault";
import { ROOT, STATE } from "../paths";

export const PROJECT = "learning-platform";
export const LOCAL_BACKEND = `file://${STATE}`;

/** The engine writes the whole state, with a copy of the one before, at each resource. */
const LEAST_FREE_MIB = 64;

/** Whether state is kept on this machine, and not in a backend that the environment names. */
export const keepsStateHere = () =>
  [undefined, "", LOCAL_BACKEND].includes(process.env.PULUMI_BACKEND_URL);

/** Where the engine keeps the stack's locks, while it keeps them on this machine. */
export const lockDirectory = (stack: string) =>
  join(STATE, ".pulumi", "locks", "organization", PROJECT, stack);

/**
 * The stack's state as the engine wrote it last; undefined where it is not kept here, or there is none yet.
 * @throws FaultError where the file is cut off
 */
export function localState(stack: string): unknown {
  const file = join(STATE, ".pulumi", "stacks", PROJECT, `${stack}.json`);
  if (!keepsStateHere() || !existsSync(file)) {
    return undefined;
  }
  return parseState(readFileSync(file, "utf8"), relative(ROOT, file), stack);
}

function parseState(text: string, file: string, stack: string): unknown {
  try {
    return (JSON.parse(text) as { checkpoint: { latest?: unknown } }).checkpoint.latest;
  } catch {
    const own = `--filter label=learning-platform.stack=${stack}`;
    throw new FaultError([
      `The state of stack ${stack}, ${file}, is cut off, as by a full disk. Put back a copy of it. Without one, ` +
        "nobody knows the stack's passwords: save what you need of its data, and remove what it made and the file:\n" +
        `docker rm -f $(docker ps -aq ${own})\n` +
        `docker volume rm $(docker volume ls -q ${own})\n` +
        `docker network rm $(docker network ls -q ${own})\n` +
        `rm ${file} .platform/stacks/Pulumi.${stack}.yaml`,
    ]);
  }
}

/**
 * Refuses to run while the state might not fit on its disk: the engine (3.259.0) then leaves it cut off, and its
 * copy as well, which was seen.
 * @throws FaultError
 */
export function refuseFullDisk(): void {
  const { bavail, bsize } = statfsSync(STATE);
  const fault = diskFault((bavail * bsize) / (1024 * 1024));
  if (fault !== undefined) {
    throw new FaultError([fault]);
  }
}

/** What is wrong with the room that is left for the state, if anything. */
export const diskFault = (freeMib: number): string | undefined =>
  freeMib >= LEAST_FREE_MIB
    ? undefined
    : `The disk of ${relative(ROOT, STATE)} has ${Math.floor(freeMib)} MiB free, and ${LEAST_FREE_MIB} are needed: ` +
      "a state that does not fit is lost, with the stack's passwords. Free some space.";
