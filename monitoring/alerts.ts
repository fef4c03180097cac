/** The alerts: what each measures, when it fires, and what it tells. docs/monitoring.md says what to do. */
import { MOST_LAG_SECONDS } from "../catalog/replication";
import {
  ARCHIVE_WAITING,
  BACKUP_AGE,
  BASE_BACKUP_AGE,
  CACHE_MISSES,
  CACHE_READS,
  CACHE_SLOTS,
  CERTIFICATE_LEFT,
  consumerLag,
  COPIES_MISSING,
  deadLetters,
  DISK_FREE,
  LONGEST_STATEMENT,
  REPLICA_CONNECTED,
  REPLICA_LAG,
  ROLE_CONNECTIONS,
  SERVER_CONNECTIONS,
  SESSION_REPLICAS,
} from "./series";
import { has, type Monitored, type System } from "./systems";

export interface Alert {
  name: string;
  /** The system whose series it reads; undefined for all that is scraped. */
  system?: System;
  /** What it compares. Each has an answer at any time, whether the alert fires or not. */
  measures: readonly string[];
  expr: string;
  /** How long the expression must hold, in Prometheus' notation. */
  for: string;
  severity: "warning" | "critical";
  summary: string;
  description: string;
}

const DAY_SECONDS = 86_400;
const HOUR_SECONDS = 3_600;

/** Base backups that may fail one after the other before the alert fires. */
const MISSED_BACKUPS = 2;
/** A backup takes its time, and a schedule may miss an hour: seconds after which one is too old. */
const oldBackup = (everyHours: number) => Math.max(everyHours * 1.5, everyHours + 1) * HOUR_SECONDS;

/** Days that a certificate is valid for when the alert fires. An `up` renews one long before. */
const CERTIFICATE_DAYS = 14;

/** Slots of a whole cluster of Redis. */
const ALL_SLOTS = 16_384;

/** Below this many lookups a second, a few misses are a large share of them. */
const FEW_READS = 0.1;

const above = (measure: string, limit: number) => ({
  measures: [measure],
  expr: `${measure} > ${limit}`,
});
const below = (measure: string, limit: number) => ({
  measures: [measure],
  expr: `${measure} < ${limit}`,
});
const zero = (...measures: string[]) => ({
  measures,
  expr: measures.map((measure) => `${measure} == 0`).join(" or "),
});

/**
 * The alerts of what is monitored.
 * @param certificateDays validity of certificates that the stack issues: the alert waits for the last quarter of it
 */
export function alertsOf(monitored: Monitored, certificateDays: number): Alert[] {
  const { prefix, archive, backups } = monitored;
  const lastDays = Math.min(CERTIFICATE_DAYS, certificateDays / 4);
  const alerts: Alert[] = [
    {
      name: "TargetDown",
      ...zero("up"),
      for: "2m",
      severity: "critical",
      summary: "{{ $labels.job }} at {{ $labels.instance }} does not answer Prometheus",
      description: "Nothing is known of it, and its other alerts cannot fire.",
    },
    {
      name: "PostgresUnreachable",
      system: "postgres",
      ...zero("pg_up"),
      for: "2m",
      severity: "critical",
      summary: "The exporter cannot log in to PostgreSQL",
      description: "PostgreSQL is down, full, or refuses the role of the monitoring.",
    },
    {
      name: "RedisUnreachable",
      system: "redis",
      ...zero("redis_up"),
      for: "2m",
      severity: "critical",
      summary: "The exporter cannot log in to Redis ({{ $labels.server }})",
      description: "Redis is down, or refuses the user of the monitoring.",
    },
    {
      name: "RoleConnectionsHigh",
      system: "postgres",
      ...above(ROLE_CONNECTIONS, 0.8),
      for: "2m",
      severity: "warning",
      summary: "{{ $labels.role }} holds {{ $value | humanizePercentage }} of its connections",
      description: "At its limit, the service gets no further connection.",
    },
    {
      name: "ServerConnectionsHigh",
      system: "postgres",
      ...above(SERVER_CONNECTIONS, 0.8),
      for: "2m",
      severity: "warning",
      summary: "PostgreSQL has {{ $value | humanizePercentage }} of its connections open",
      description: "At the limit, it refuses services and administrators.",
    },
    {
      name: "StatementSlow",
      system: "postgres",
      ...above(LONGEST_STATEMENT, 5),
      for: "0s",
      severity: "warning",
      summary:
        "A statement of {{ $labels.role }} has been running for {{ $value | humanizeDuration }}",
      description: "Statements of migrations do not count.",
    },
    {
      name: "ReplicaDisconnected",
      system: "postgresReplicas",
      ...zero(REPLICA_CONNECTED),
      for: "2m",
      severity: "critical",
      summary: "{{ $labels.replica }} no longer follows PostgreSQL",
      description: "Its readers get old rows, or none. The primary keeps WAL for it.",
    },
    {
      name: "ReplicaLagHigh",
      system: "postgresReplicas",
      ...above(REPLICA_LAG, MOST_LAG_SECONDS),
      for: "2m",
      severity: "warning",
      summary: "{{ $labels.replica }} is {{ $value | humanizeDuration }} behind PostgreSQL",
      description: "Its readers do not see what was written since.",
    },
    {
      name: "BackupTooOld",
      system: "backups",
      ...above(BACKUP_AGE, oldBackup(backups?.everyHours ?? 0)),
      for: "15m",
      severity: "critical",
      summary:
        "The last good backup of {{ $labels.database }} is {{ $value | humanizeDuration }} old",
      description: "Who loses the server now loses everything since then.",
    },
    {
      name: "CacheMissesHigh",
      system: "redis",
      measures: [CACHE_MISSES, CACHE_READS],
      expr: `${CACHE_MISSES} > 0.5 and ${CACHE_READS} > ${FEW_READS}`,
      for: "5m",
      severity: "warning",
      summary: "The cache does not have {{ $value | humanizePercentage }} of what services look up",
      description: "Services then load their databases instead.",
    },
    {
      name: "ConsumerLagHigh",
      system: "redpanda",
      ...above(consumerLag(prefix), 1_000),
      for: "5m",
      severity: "warning",
      summary:
        "{{ $labels.redpanda_group }} has {{ $value }} records of {{ $labels.redpanda_topic }} left to read",
      description: "The group has stopped, or is slower than those who write.",
    },
    {
      name: "DeadLetters",
      system: "redpanda",
      ...above(deadLetters(prefix), 0),
      for: "0s",
      severity: "warning",
      summary: "{{ $labels.redpanda_topic }} has {{ $value }} dead letters that nobody has read",
      description: "A service could not handle these events.",
    },
    {
      name: "CopiesMissing",
      system: "redpanda",
      ...above(COPIES_MISSING, 0),
      for: "2m",
      severity: "warning",
      summary: "{{ $labels.redpanda_topic }} lacks {{ $value }} copies of its partitions",
      description: "A broker is down or behind. With one more, topics refuse writes.",
    },
    {
      name: "DiskAlmostFull",
      system: "redpanda",
      ...below(DISK_FREE, 0.2),
      for: "5m",
      severity: "critical",
      summary: "{{ $value | humanizePercentage }} of the broker's disk is free",
      description:
        "The containers of a stack share that disk. The broker refuses writes before it is full.",
    },
    {
      name: "WalArchiveBehind",
      system: "archive",
      ...above(ARCHIVE_WAITING, 300),
      for: "1m",
      severity: "critical",
      summary:
        "WAL of PostgreSQL has been waiting for the archive for {{ $value | humanizeDuration }}",
      description:
        "What was written since is lost with the server. Beyond queueMb, the archive gets a gap.",
    },
    {
      name: "BaseBackupOld",
      system: "archive",
      ...above(BASE_BACKUP_AGE, (archive?.everyHours ?? 0) * MISSED_BACKUPS * HOUR_SECONDS),
      for: "10m",
      severity: "warning",
      summary: "The last base backup of PostgreSQL is {{ $value | humanizeDuration }} old",
      description: "A recovery takes longer, and needs all WAL since.",
    },
    {
      name: "SessionReplicaLost",
      system: "sessionReplica",
      ...zero(SESSION_REPLICAS),
      for: "2m",
      severity: "critical",
      summary: "No second server has the sessions",
      description: "If the primary is lost now, so is what it has.",
    },
    {
      name: "CacheSlotsLost",
      system: "cacheCluster",
      ...below(CACHE_SLOTS, ALL_SLOTS),
      for: "2m",
      severity: "warning",
      summary: "The cache answers for {{ $value }} of 16384 slots",
      description: "Services load the rest from their databases.",
    },
    {
      name: "CertificateNearEnd",
      system: "certificates",
      ...below(CERTIFICATE_LEFT, lastDays * DAY_SECONDS),
      for: "0s",
      severity: "critical",
      summary: "The certificate of {{ $labels.server }} ends in {{ $value | humanizeDuration }}",
      description: "After its end, no client connects.",
    },
  ];
  return alerts.filter(({ system }) => has(monitored, system));
}
