import { type FoundBackup, lastWhole } from "./list";

const HOUR_MS = 3_600_000;
/** A schedule starts a few minutes earlier or later than the hour. */
const EARLY_MS = 5 * 60_000;

/**
 * @param everyHours more than 0
 * @returns why no backup is due; undefined where one is
 */
export function dueIn(
  backups: readonly FoundBackup[],
  everyHours: number,
  now: Date,
): string | undefined {
  const last = lastWhole(backups);
  if (last === undefined) {
    return undefined;
  }
  const due = last.at.getTime() + everyHours * HOUR_MS;
  return now.getTime() >= due - EARLY_MS
    ? undefined
    : `No backup is due before ${new Date(due).toISOString()}: the last good one is ${last.folder}.`;
}
