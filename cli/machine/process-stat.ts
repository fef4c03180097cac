import { readFileSync } from "node:fs";

/** What Linux says of a process (proc(5), /proc/PID/stat). */
export interface ProcessStat {
  /** First 15 characters of its program's name. */
  name: string;
  /** One letter: R, S, Z (ended, and its parent has not asked after it), ... */
  state: string;
  /** Number of the process that leads its session. */
  session: number;
  /** When it was started, in clock ticks since the machine's start. */
  startTicks: number;
}

/** @returns undefined where there is no such process, or no /proc that tells */
export function processStat(pid: number): ProcessStat | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name, in brackets, may hold brackets and blanks itself.
    const end = stat.lastIndexOf(")");
    const fields = stat.slice(end + 2).split(" ");
    return {
      name: stat.slice(stat.indexOf("(") + 1, end),
      state: fields[0],
      session: Number(fields[3]),
      startTicks: Number(fields[19]),
    };
  } catch {
    return undefined;
  }
}
