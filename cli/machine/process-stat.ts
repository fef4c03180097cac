import { readFileSync } from "node:fs";

/** A process as Linux describes it (proc(5), /proc/PID/stat). */
export interface ProcessStat {
  /** First 15 characters of the program's name. */
  name: string;
  /** One letter: R (running), S (sleeping), Z (zombie), ... */
  state: string;
  /** Process id of its session's leader. */
  session: number;
  /** Start time in clock ticks since the machine started. */
  startTicks: number;
}

/** @returns undefined where there is no such process, or no /proc */
export function processStat(pid: number): ProcessStat | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name is in brackets, and may itself contain brackets and spaces.
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
