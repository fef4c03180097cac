import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

const WATCHED_MS = 20_000;

/** Fields of the line `cpu` in /proc/stat in which a processor does nothing: idle and iowait (man 5 proc). */
const RESTING = new Set([3, 4]);

/**
 * Part of one processor, in percent, that the whole machine works while nobody asks it for anything: containers, their
 * probes, and the Docker Engine. Linux alone tells.
 */
export async function idleLoad(): Promise<number> {
  const before = busyTicks(readFileSync("/proc/stat", "utf8"));
  await sleep(WATCHED_MS);
  const after = busyTicks(readFileSync("/proc/stat", "utf8"));
  return (100 * cpus().length * (after.busy - before.busy)) / (after.all - before.all);
}

/** Ticks of all processors together since the machine started. */
export function busyTicks(stat: string): { busy: number; all: number } {
  // Guests are part of user time already.
  const ticks = stat.split("\n")[0].trim().split(/\s+/).slice(1, 9).map(Number);
  const sum = (numbers: number[]) => numbers.reduce((total, one) => total + one, 0);
  return { busy: sum(ticks.filter((_, field) => !RESTING.has(field))), all: sum(ticks) };
}
