/** Which fault happens when: a plain function of the targets, the time and a seed. */
import { seeded } from "./random";

/** How a target fails. */
export const FAULT_KINDS = {
  kill: "SIGKILL of the process, which is started again later",
  pause: "all processes of the container are frozen: connections stay, and nobody answers",
  disconnect: "the container leaves its network, and its published ports with it",
  restart: "an orderly stop and start",
  "fill disk": "the volume has no room left (the broker's: less than the broker asks for)",
  "fill memory": "the server holds as much as it may",
  "fill connections": "a role's connections are all taken",
} as const;
export type FaultKind = keyof typeof FAULT_KINDS;

export interface Target {
  /** Role of a container, or name of a service's process. */
  name: string;
  /** Targets of one group take turns. */
  group: string;
  kinds: readonly FaultKind[];
}

export interface Fault {
  kind: FaultKind;
  target: string;
  /** When it begins, in milliseconds from the start. */
  atMs: number;
  /** How long it lasts before it is undone, in milliseconds. */
  lastsMs: number;
}

export interface ScheduleOptions {
  seed: number;
  /** Time in milliseconds that begins with the first client's work, and ends before the comparison. */
  durationMs: number;
  /** Shortest and longest time of a fault, and of the pause after it. */
  lastsMs: readonly [number, number];
  pausesMs: readonly [number, number];
}

/**
 * One fault at a time, so that a figure belongs to one fault. The groups take turns, then the targets of a group, and a
 * target has each of its kinds once before it has one again.
 * @returns faults in their order; the last is undone, and its pause over, before the time ends
 */
export function scheduleFaults(targets: readonly Target[], options: ScheduleOptions): Fault[] {
  const random = seeded(options.seed);
  const lasts = () => Math.round(random.between(...options.lastsMs));
  const pauses = () => Math.round(random.between(...options.pausesMs));
  const groups = new Map<string, Target[]>();
  for (const target of random.shuffle(targets.filter(({ kinds }) => kinds.length > 0))) {
    groups.set(target.group, [...(groups.get(target.group) ?? []), target]);
  }
  const turns = [...groups.values()].map((members) => ({
    members: cycle(() => members),
    kinds: new Map(members.map(({ name, kinds }) => [name, cycle(() => random.shuffle(kinds))])),
  }));
  const faults: Fault[] = [];
  const nextTurn = cycle(() => random.shuffle(turns));
  for (let atMs = pauses(); turns.length > 0;) {
    const { members, kinds } = nextTurn();
    const { name } = members();
    const fault = { kind: kinds.get(name)!(), target: name, atMs, lastsMs: lasts() };
    atMs += fault.lastsMs + pauses();
    if (atMs > options.durationMs) {
      break;
    }
    faults.push(fault);
  }
  return faults;
}

/** Gives the items of a list one after another, and then those of the next list. */
function cycle<T>(list: () => readonly T[]): () => T {
  let left: T[] = [];
  return () => {
    if (left.length === 0) {
      left = [...list()];
    }
    return left.shift()!;
  };
}
