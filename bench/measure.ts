import { readFileSync } from "node:fs";

/** The middle one of an odd number of values; the upper of the two middle ones of an even number. */
export const median = (values: number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/**
 * Milliseconds that a process has been on a processor, whatever else keeps the machine busy. Linux alone
 * tells: its first field is in nanoseconds.
 */
export const processorTime = (pid: number) =>
  Number(readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ")[0]) / 1e6;

/** Seconds that an action takes. */
export async function seconds(act: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await act();
  return (performance.now() - start) / 1000;
}
