import { lastBackupText, readLastBackup } from "../backup/last";
import { stackConfiguration } from "../stack/settings";
import { type Check, right, unknown, wrong } from "./finding";
import type { Platform } from "./platform";

const WHAT = "backups";

/** Whether the last good backup is as young as the schedule says; nothing where none is scheduled. */
export const backupChecks = ({ resources }: Platform, stack: string): Check[] =>
  stackConfiguration(stack).backupEveryHours === 0
    ? []
    : [
        {
          what: WHAT,
          async ask() {
            const last = await readLastBackup(stack, resources);
            if (last === undefined) {
              return [unknown(WHAT, "PostgreSQL does not answer")];
            }
            const text = lastBackupText(last);
            return [last.isLate ? wrong(WHAT, text, "one within the schedule") : right(WHAT, text)];
          },
        },
      ];
