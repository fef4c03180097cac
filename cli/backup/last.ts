/** When the databases of a stack were last backed up, as their comments say. */
import { LAST_BACKUP } from "../../catalog/monitor";
import {
  asAdministrator,
  type PostgresAdministrator,
} from "../../components/postgres/postgres-client";
import { TYPES } from "../resource-types";
import { stackConfiguration } from "../stack/settings";
import type { StackResource } from "../stack/state";

export interface LastBackup {
  /** ISO-8601, UTC, of the database whose last one is the oldest; absent where a database has none. */
  at?: string;
  /** Whether there is none, or it is older than the schedule allows. */
  isLate: boolean;
}

const HOUR_MS = 3_600_000;

/** As long as until the alert BackupTooOld (monitoring/alerts.ts). */
export const longestAgeMs = (everyHours: number): number =>
  Math.max(everyHours * 1.5, everyHours + 1) * HOUR_MS;

/** @returns undefined where no backups are scheduled, or the server does not answer */
export async function readLastBackup(
  stack: string,
  resources: readonly StackResource[],
): Promise<LastBackup | undefined> {
  const { backupEveryHours } = stackConfiguration(stack);
  const rights = resources.find(({ type }) => type === TYPES.databaseRights);
  if (backupEveryHours === 0 || rights === undefined) {
    return undefined;
  }
  const databases = resources
    .filter(({ type }) => type === TYPES.database)
    .map(({ inputs }) => String(inputs.name));
  try {
    const comments = await readComments(
      rights.inputs as unknown as PostgresAdministrator,
      databases,
    );
    return judgeComments(comments, backupEveryHours, new Date());
  } catch {
    // Other checks report that it does not answer, and why.
    return undefined;
  }
}

const readComments = (administrator: PostgresAdministrator, databases: readonly string[]) =>
  asAdministrator(administrator, async (client) => {
    const { rows } = await client.query<{ comment: string | null }>(
      "select shobj_description(oid, 'pg_database') as comment from pg_database where datname = any ($1)",
      [databases],
    );
    return rows.map(({ comment }) => comment);
  });

/** @param comments of each database; null where it has none */
export function judgeComments(
  comments: readonly (string | null)[],
  everyHours: number,
  now: Date,
): LastBackup {
  const times = comments.map((comment) =>
    comment?.startsWith(LAST_BACKUP) ? Date.parse(comment.slice(LAST_BACKUP.length)) : Number.NaN,
  );
  const oldest = Math.min(...times);
  return Number.isFinite(oldest)
    ? {
        at: new Date(oldest).toISOString(),
        isLate: now.getTime() - oldest > longestAgeMs(everyHours),
      }
    : { isLate: true };
}

export const lastBackupText = ({ at, isLate }: LastBackup): string =>
  at === undefined
    ? "no good backup of every database yet"
    : `last good backup ${at}${isLate ? ", which is too long ago" : ""}`;
