import { sharedSqlName } from "../catalog/names";
import { SERVICES } from "../catalog/services";
import type { PlatformConfig } from "../config";
import type { Monitored } from "../monitoring/systems";

/** What is to be watched of the stack's backups; nothing unless they are scheduled. */
export const scheduledBackups = ({
  backupEveryHours: everyHours,
  sharedPrefix,
}: Pick<PlatformConfig, "backupEveryHours" | "sharedPrefix">): Pick<Monitored, "backups"> =>
  everyHours === 0
    ? {}
    : {
        backups: {
          everyHours,
          databases: Object.values(SERVICES).map(({ database }) =>
            sharedSqlName(sharedPrefix, database),
          ),
        },
      };
