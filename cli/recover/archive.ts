/** What the archive holds, and which base backup a recovery begins with. */
import { type Moment, showMoment } from "./moment";

/** A finished base backup, as components/postgres/wal-archive/agent.py prints it. */
export interface BaseBackup {
  id: string;
  /** Identifier of the server that it was made of. */
  systemId: string;
  timeline: number;
  /** ISO 8601 with zone. */
  beginTime: string;
  endTime: string;
  /** Position in the WAL at which it ended, such as 0/5000138. */
  endLsn: string;
  bytes: number;
}

/** The server whose data is on the volume at this moment. */
export interface DataServer {
  systemId: string;
  timeline: number;
  /** Its timeline's history file; empty for timeline 1. */
  history: string;
}

export interface Archive {
  /** Undefined where the volume holds no server's data. */
  server: DataServer | null;
  /** Oldest first. */
  backups: BaseBackup[];
}

/** A recovery that is possible, as far as the list of backups tells. */
export interface RecoveryPath {
  backup: BaseBackup;
  /** A number, or PostgreSQL's word for the newest one. */
  timeline: string;
  /** Whether the volume holds the server that the archive is of. */
  isSameServer: boolean;
}

const GAPLESS = "Nothing was changed.";

/**
 * Chooses the newest base backup that ended before the moment, on the way of the server's own timeline.
 * @returns it, or a sentence that says why there is none
 */
export function choosePath(
  { server, backups }: Archive,
  moment: Moment,
  now: Date,
): RecoveryPath | string {
  if (moment !== "latest" && moment > now) {
    return `${showMoment(moment)} lies in the future: it is ${now.toISOString()}. ${GAPLESS}`;
  }
  if (backups.length === 0) {
    return `The archive has no base backup yet: npm run logs -- wal-archiver says why. ${GAPLESS}`;
  }
  const isSameServer = backups.some(({ systemId }) => systemId === server?.systemId);
  // After a recovery was taken back, the newest timeline in the archive is not that of the server.
  const own = isSameServer && server !== null ? backups.filter(isOnTheWay(server)) : backups;
  const timeline = isSameServer && server !== null ? String(server.timeline) : "latest";
  const earlier = own.filter(({ endTime }) => moment === "latest" || new Date(endTime) <= moment);
  const backup = earlier.at(-1);
  if (backup !== undefined) {
    return { backup, timeline, isSameServer };
  }
  const [first] = own;
  return first === undefined
    ? `The archive has no base backup of the server's timeline ${timeline}. ${GAPLESS}`
    : `${showMoment(moment)} is before the first base backup, which ended at ${new Date(first.endTime).toISOString()}. ${GAPLESS}`;
}

/** Whether the history of a server leads through a backup: on its timeline, or before it left the backup's one. */
function isOnTheWay({ timeline, history }: DataServer): (backup: BaseBackup) => boolean {
  const lefts = new Map(
    history
      .split("\n")
      .map((line) => /^\s*(\d+)\s+([0-9A-F]+\/[0-9A-F]+)/.exec(line))
      .filter((match) => match !== null)
      .map(([, number, lsn]) => [Number(number), lsn]),
  );
  return (backup) => {
    const left = lefts.get(backup.timeline);
    return (
      backup.timeline === timeline ||
      (left !== undefined && positionOf(backup.endLsn) <= positionOf(left))
    );
  };
}

/** A position in the WAL as a number. */
function positionOf(lsn: string): bigint {
  const [high, low] = lsn.split("/");
  return (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`);
}

/**
 * What PostgreSQL's log says of a recovery that did not reach its moment (PostgreSQL 16, xlogrecovery.c).
 * @returns a sentence, or undefined where it ended for another reason
 */
export function missedMoment(log: string, moment: Moment): string | undefined {
  if (!log.includes("recovery ended before configured recovery target was reached")) {
    return undefined;
  }
  const [, last] = /last completed transaction was at log time ([^\n]+)/.exec(log) ?? [];
  return last === undefined
    ? `The archive has no transaction after the base backup, and so does not reach ${showMoment(moment)}. ${GAPLESS} Take --to latest.`
    : `The archive ends with a transaction of ${last.trim()}, before ${showMoment(moment)}. ${GAPLESS} Take an earlier moment, or --to latest.`;
}
