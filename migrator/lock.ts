import { setTimeout as sleep } from "node:timers/promises";

import { LockHolder, MigrationLockError, MigrationStoppedError } from "./errors";
import { Session } from "./session";

// Any two numbers that nothing else in these databases uses; advisory locks are per database.
const LOCK_CLASS = 1_280_332_615;
const LOCK_KEY = 1;
const POLL_MS = 100;

/**
 * Takes the database's migration lock on this connection, which keeps it until it closes: the lock and the running
 * transaction are lost together.
 * @throws MigrationLockError after `waitMs`, naming the holder; MigrationStoppedError if the signal came meanwhile.
 */
export async function takeLock(
  session: Session,
  waitMs: number,
  onWaiting: (holder: LockHolder | undefined) => void,
  signal?: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + waitMs;
  let reported = false;
  // Polls: a session that waits inside pg_advisory_lock() holds a snapshot, and the holder's
  // CREATE INDEX CONCURRENTLY would wait for that snapshot forever.
  while (!(await tryLock(session))) {
    const holder = await findHolder(session);
    if (performance.now() >= deadline) {
      throw new MigrationLockError(describeWait(session.target.database, holder, waitMs), holder);
    }
    if (signal?.aborted) {
      throw new MigrationStoppedError(
        `Stopped while waiting for another run on ${session.target.database}.`,
      );
    }
    if (!reported) {
      onWaiting(holder);
      reported = true;
    }
    await sleep(POLL_MS * (0.5 + Math.random()));
  }
}

/** Finds the session that is migrating the database now. */
export async function findHolder(session: Session): Promise<LockHolder | undefined> {
  const [row] = await session.query<{ pid: number; name: string | null; since: Date | null }>(
    `select pid, application_name as name, backend_start as since
     from pg_locks left join pg_stat_activity using (pid)
     where locktype = 'advisory' and granted and classid = $1 and objid = $2 and objsubid = 2
       and database = (select oid from pg_database where datname = current_database())`,
    [LOCK_CLASS, LOCK_KEY],
  );
  return row && { pid: row.pid, applicationName: row.name ?? "", since: row.since?.toISOString() };
}

/** Whether this connection still has the lock: a file may release it, as by `pg_advisory_unlock_all()`. */
export async function holdsLock(session: Session): Promise<boolean> {
  const held = await session.query(
    `select from pg_locks
     where locktype = 'advisory' and granted and classid = $1 and objid = $2 and objsubid = 2
       and database = (select oid from pg_database where datname = current_database())
       and pid = pg_backend_pid()`,
    [LOCK_CLASS, LOCK_KEY],
  );
  return held.length > 0;
}

async function tryLock(session: Session): Promise<boolean> {
  const [row] = await session.query<{ taken: boolean }>(
    "select pg_try_advisory_lock($1, $2) as taken",
    [LOCK_CLASS, LOCK_KEY],
  );
  return row?.taken === true;
}

function describeWait(database: string, holder: LockHolder | undefined, waitMs: number): string {
  const who =
    holder === undefined
      ? "a process that has just ended"
      : `pid ${holder.pid} (${holder.applicationName || "no application name"}, connected since ${holder.since ?? "a time hidden from this user"})`;
  const advice =
    holder === undefined
      ? "Run again."
      : `Let it finish and run again; if it hangs, end it with: select pg_terminate_backend(${holder.pid}).`;
  return `Another run is migrating ${database}: ${who}. Waited ${waitMs / 1000} s. ${advice}`;
}
