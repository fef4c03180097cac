import { stringify } from "yaml";

import { LAST_BACKUP } from "../catalog/monitor";
import { slotOf } from "../catalog/replication";
import type { MonitoredBackups } from "./systems";

/** A query of the exporter: each of its columns is a series, `<name>_<column>`, or a label. */
interface ExporterQuery {
  query: string;
  labels?: readonly string[];
  gauges: Readonly<Record<string, string>>;
}

/** Seconds since a time, 0 where there is none. */
const age = (time: string) => `coalesce(max(extract(epoch from clock_timestamp() - ${time})), 0)`;

/** Roles of services: those that log in, up to a limit. */
const LIMITED = "r.rolcanlogin and r.rolconnlimit >= 0";

/**
 * Queries of our own, so that the names of series do not follow the exporter's version: it renamed its own ones in each
 * of its last releases (postgres_exporter 0.20, CHANGELOG.md). They read views of statistics and catalogues that all
 * databases share, so that one connection to the database postgres is enough. No series holds the text of a statement.
 */
const QUERIES: Readonly<Record<string, ExporterQuery>> = {
  platform_postgres_role: {
    query: `select r.rolname as role, count(a.pid) as connections, r.rolconnlimit as connection_limit
      from pg_roles r left join pg_stat_activity a on a.usesysid = r.oid
      where ${LIMITED} group by r.rolname, r.rolconnlimit`,
    labels: ["role"],
    gauges: {
      connections: "Open connections of the role",
      connection_limit: "Most connections that the role may hold",
    },
  },
  platform_postgres_statement: {
    query: `select r.rolname as role, ${age("a.query_start")} as longest_seconds,
        count(a.pid) filter (where clock_timestamp() - a.query_start > interval '1 second') as slow
      from pg_roles r left join pg_stat_activity a
        on a.usesysid = r.oid and a.state = 'active' and a.pid <> pg_backend_pid()
      where ${LIMITED} group by r.rolname`,
    labels: ["role"],
    gauges: {
      longest_seconds: "Seconds since the longest running statement of the role began",
      slow: "Statements of the role that have been running for more than a second",
    },
  },
  platform_postgres_lock: {
    query: `select d.datname as database, count(l.pid) as waiting, ${age("l.waitstart")} as longest_wait_seconds
      from pg_database d
        left join pg_stat_activity a on a.datid = d.oid and a.wait_event_type = 'Lock'
        left join pg_locks l on l.pid = a.pid and not l.granted
      where not d.datistemplate group by d.datname`,
    labels: ["database"],
    gauges: {
      waiting: "Sessions that wait for a lock",
      longest_wait_seconds: "Seconds that the first of them has been waiting",
    },
  },
  platform_postgres_database: {
    query: `select d.datname as database, pg_database_size(d.oid) as size_bytes, age(d.datfrozenxid) as transaction_age,
        current_setting('autovacuum_freeze_max_age')::bigint as freeze_age
      from pg_database d where not d.datistemplate`,
    labels: ["database"],
    gauges: {
      size_bytes: "Size of the database on the disk",
      transaction_age: "Transactions since the oldest one that is not frozen",
      freeze_age: "Age at which autovacuum freezes rows, whatever else it has to do",
    },
  },
  platform_postgres_server: {
    query: `select count(*) filter (where backend_type = 'client backend') as connections,
        current_setting('max_connections')::int as max_connections,
        count(*) filter (where backend_type = 'autovacuum worker') as autovacuum_workers
      from pg_stat_activity`,
    gauges: {
      connections: "Open connections of all roles",
      max_connections: "Most connections that the server accepts",
      autovacuum_workers: "Autovacuum workers that run",
    },
  },
};

/**
 * What the primary knows of its replicas. A replica without a slot, which was dropped by hand, has a row as well.
 * pg_stat_replication has no lag for a replica that has confirmed everything, and a growing one while it confirms nothing.
 */
const replicaQuery = (replicas: readonly string[]): ExporterQuery => ({
  query: `select expected.replica, coalesce((r.state = 'streaming')::int, 0) as connected,
      coalesce(extract(epoch from r.replay_lag), 0) as lag_seconds,
      coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), s.restart_lsn), 0) as kept_bytes
    from (values ${replicas.map((replica) => `('${replica}', '${slotOf(replica)}')`).join(", ")}) expected (replica, slot)
      left join pg_replication_slots s on s.slot_name = expected.slot
      left join pg_stat_replication r on r.pid = s.active_pid`,
  labels: ["replica"],
  gauges: {
    connected: "1 if the replica receives changes",
    lag_seconds: "Seconds from a change to its replay by the replica",
    kept_bytes: "Bytes of WAL that the server keeps for the replica",
  },
});

/**
 * What a server with an archive is asked besides. A file of WAL that waits has a mark `.ready`; a base backup leaves a file
 * `.backup` until the next one (PostgreSQL 16, xlogarchive.c, xlog.c CleanupBackupHistory). Members of pg_monitor may call
 * both functions.
 */
const ARCHIVE_QUERY: ExporterQuery = {
  query: `select ${age("modification")} as waiting_seconds, count(*) as waiting_files,
      (select extract(epoch from clock_timestamp() - coalesce(max(b.modification), pg_postmaster_start_time()))
        from pg_ls_waldir() b where b.name like '%.backup') as backup_age_seconds
    from pg_ls_archive_statusdir() where name like '%.ready'`,
  gauges: {
    waiting_seconds: "Seconds that the oldest file of WAL has been waiting for the archive",
    waiting_files: "Files of WAL that wait for the archive",
    backup_age_seconds:
      "Seconds since the last base backup, or since the start where there is none",
  },
};

/**
 * When each database was last backed up: `npm run backup` notes it in the comment of the database (cli/backup/content).
 * Where it never was, the time since the server started is as old as the data may be.
 */
const backupQuery = (databases: readonly string[]): ExporterQuery => ({
  query: `select d.datname as database, extract(epoch from clock_timestamp() - coalesce(
      substring(shobj_description(d.oid, 'pg_database') from '${LAST_BACKUP}(\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z)')::timestamptz,
      pg_postmaster_start_time())) as age_seconds
    from pg_database d where d.datname in (${databases.map((name) => `'${name}'`).join(", ")})`,
  labels: ["database"],
  gauges: { age_seconds: "Seconds since the last good backup, or since the server started" },
});

/** What only some servers have to be asked. */
export interface AskedBesides {
  /** Roles of the containers that are replicas. */
  replicas?: readonly string[];
  /** Whether the server archives its WAL. */
  hasArchive?: boolean;
  /** Undefined unless backups are scheduled. */
  backups?: MonitoredBackups;
}

/** The exporter's file of queries. */
export function postgresQueries(asked: AskedBesides = {}): string {
  const { replicas = [], hasArchive = false, backups } = asked;
  const queries: Record<string, ExporterQuery> = {
    ...QUERIES,
    ...(replicas.length > 0 ? { platform_postgres_replica: replicaQuery(replicas) } : {}),
    ...(hasArchive ? { platform_postgres_archive: ARCHIVE_QUERY } : {}),
    ...(backups ? { platform_postgres_backup: backupQuery(backups.databases) } : {}),
  };
  return stringify(
    Object.fromEntries(
      Object.entries(queries).map(([name, { query, labels = [], gauges }]) => [
        name,
        {
          query: query.replace(/\s+/g, " "),
          metrics: [
            ...labels.map((label) => ({ [label]: { usage: "LABEL", description: label } })),
            ...Object.entries(gauges).map(([column, description]) => ({
              [column]: { usage: "GAUGE", description },
            })),
          ],
        },
      ]),
    ),
  );
}
