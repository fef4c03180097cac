/** For each alert, series with which it fires and series with which it does not, as promtool takes them. */
import { stringify } from "yaml";

import { alertsOf } from "../../monitoring/alerts";
import { rulesYaml, runbookOf } from "../../monitoring/rules";
import type { Monitored } from "../../monitoring/systems";

interface Case {
  /** Values by series, one a minute from the beginning on, in promtool's notation. */
  series?: Record<string, string>;
  /** Seconds after the beginning at which the broker's certificate ends. @default 100 days */
  certificateEnd?: number;
}

export interface AlertCases {
  firing: Case & {
    /** Labels of the alert besides its name and severity. */
    labels: Record<string, string>;
    summary: string;
  };
  /** One or several cases, each close to firing. */
  quiet: Case[];
}

const DAY = 86_400;
/** When promtool looks: every alert that holds from the beginning on has been holding long enough. */
const LOOK = "20m";

const offsets = (written: string, read: string | undefined, topic: string, partition = "0") => ({
  [`redpanda_kafka_max_offset{redpanda_namespace="kafka",redpanda_topic="${topic}",redpanda_partition="${partition}"}`]:
    written,
  ...(read === undefined
    ? {}
    : {
        [`redpanda_kafka_consumer_group_committed_offset{redpanda_group="a",redpanda_topic="${topic}",redpanda_partition="${partition}"}`]:
          read,
      }),
});
const copiesMissing = (topic: string, count: string, partition = "0") => ({
  [`redpanda_kafka_under_replicated_replicas{redpanda_namespace="kafka",redpanda_topic="${topic}",redpanda_partition="${partition}"}`]:
    count,
});
const lookups = (hits: string, misses: string, server = "cache") => ({
  [`redis_keyspace_hits_total{server="${server}"}`]: hits,
  [`redis_keyspace_misses_total{server="${server}"}`]: misses,
});
const roleConnections = (open: string) => ({
  'platform_postgres_role_connections{role="a_app"}': open,
  'platform_postgres_role_connection_limit{role="a_app"}': "40x20",
});
const serverConnections = (open: string) => ({
  platform_postgres_server_connections: open,
  platform_postgres_server_max_connections: "100x20",
});
const replica = (connected: string, lag: string) => ({
  'platform_postgres_replica_connected{replica="postgres-replica-1"}': connected,
  'platform_postgres_replica_lag_seconds{replica="postgres-replica-1"}': lag,
});
const disk = (free: string) => ({
  redpanda_storage_disk_free_bytes: free,
  redpanda_storage_disk_total_bytes: "1000x20",
});

export const ALERT_CASES: Readonly<Record<string, AlertCases>> = {
  TargetDown: {
    firing: {
      series: { 'up{job="redpanda",instance="b:9644"}': "0x20" },
      labels: { job: "redpanda", instance: "b:9644" },
      summary: "redpanda at b:9644 does not answer Prometheus",
    },
    quiet: [
      { series: { 'up{job="redpanda",instance="b:9644"}': "1x20" } },
      // A restart.
      { series: { 'up{job="redpanda",instance="b:9644"}': "1x18 0x2" } },
    ],
  },
  PostgresUnreachable: {
    firing: {
      series: { pg_up: "0x20" },
      labels: {},
      summary: "The exporter cannot log in to PostgreSQL",
    },
    quiet: [{ series: { pg_up: "1x20" } }, { series: { pg_up: "1x18 0x2" } }],
  },
  RedisUnreachable: {
    firing: {
      series: { 'redis_up{server="cache"}': "0x20", 'redis_up{server="session"}': "1x20" },
      labels: { server: "cache" },
      summary: "The exporter cannot log in to Redis (cache)",
    },
    quiet: [{ series: { 'redis_up{server="cache"}': "1x20" } }],
  },
  SessionReplicaLost: {
    firing: {
      series: {
        'redis_connected_slaves{server="session",instance="a"}': "0x20",
        'redis_connected_slaves{server="session",instance="b"}': "0x20",
      },
      labels: { server: "session" },
      summary: "No second server has the sessions",
    },
    quiet: [
      {
        series: {
          'redis_connected_slaves{server="session",instance="a"}': "0x20",
          'redis_connected_slaves{server="session",instance="b"}': "1x20",
        },
      },
    ],
  },
  CacheSlotsLost: {
    firing: {
      series: {
        'redis_cluster_slots_ok{server="cache",instance="a"}': "10923x20",
        'redis_cluster_slots_ok{server="cache",instance="b"}': "16384x20",
      },
      labels: { server: "cache" },
      summary: "The cache answers for 10923 of 16384 slots",
    },
    quiet: [{ series: { 'redis_cluster_slots_ok{server="cache"}': "16384x20" } }],
  },
  RoleConnectionsHigh: {
    firing: {
      series: roleConnections("33x20"),
      labels: { role: "a_app" },
      summary: "a_app holds 82.5% of its connections",
    },
    quiet: [{ series: roleConnections("32x20") }, { series: roleConnections("32x18 40x2") }],
  },
  ServerConnectionsHigh: {
    firing: {
      series: serverConnections("81x20"),
      labels: {},
      summary: "PostgreSQL has 81% of its connections open",
    },
    quiet: [{ series: serverConnections("80x20") }],
  },
  StatementSlow: {
    firing: {
      series: { 'platform_postgres_statement_longest_seconds{role="a_app"}': "0x19 6" },
      labels: { role: "a_app" },
      summary: "A statement of a_app has been running for 6s",
    },
    quiet: [
      { series: { 'platform_postgres_statement_longest_seconds{role="a_app"}': "5x20" } },
      { series: { 'platform_postgres_statement_longest_seconds{role="a_migrator"}': "600x20" } },
    ],
  },
  BackupTooOld: {
    firing: {
      series: { 'platform_postgres_backup_age_seconds{database="a_db"}': "129601x20" },
      labels: { database: "a_db" },
      summary: "The last good backup of a_db is 1d 12h 0m 1s old",
    },
    quiet: [
      { series: { 'platform_postgres_backup_age_seconds{database="a_db"}': "129600x20" } },
      // It was late, and has been written.
      { series: { 'platform_postgres_backup_age_seconds{database="a_db"}': "130000x18 5x2" } },
    ],
  },
  CacheMissesHigh: {
    firing: {
      series: lookups("0+40x20", "0+60x20"),
      labels: {},
      summary: "The cache does not have 60% of what services look up",
    },
    quiet: [
      { series: lookups("0+60x20", "0+60x20") },
      // Few lookups, and none.
      { series: lookups("0+1x20", "0+4x20") },
      { series: lookups("7x20", "7x20") },
      // Sessions expire: whoever looks one up in vain has to log in.
      { series: lookups("0+40x20", "0+60x20", "session") },
    ],
  },
  ConsumerLagHigh: {
    firing: {
      series: {
        ...offsets("1500x20", "900x20", "user-events"),
        ...offsets("1500x20", "1099x20", "user-events", "1"),
      },
      labels: { redpanda_group: "a", redpanda_topic: "user-events" },
      summary: "a has 1001 records of user-events left to read",
    },
    quiet: [
      { series: offsets("2000x20", "1000x20", "user-events") },
      // A burst that is read within minutes.
      { series: offsets("100x15 9000x4 9000", "100x19 9000", "user-events") },
      // Nobody reads it.
      { series: offsets("2000x20", undefined, "user-events") },
    ],
  },
  DeadLetters: {
    firing: {
      series: {
        ...offsets("3x20", "1x20", "user-events-dlq"),
        ...offsets("2x20", undefined, "agent-events"),
      },
      labels: { redpanda_topic: "user-events-dlq" },
      summary: "user-events-dlq has 2 dead letters that nobody has read",
    },
    quiet: [
      { series: offsets("3x20", "3x20", "user-events-dlq") },
      { series: offsets("0x20", undefined, "user-events-dlq") },
      { series: offsets("-1x20", undefined, "user-events-dlq") },
    ],
  },
  CopiesMissing: {
    firing: {
      series: { ...copiesMissing("a", "1x20"), ...copiesMissing("a", "1x20", "1") },
      labels: { redpanda_topic: "a" },
      summary: "a lacks 2 copies of its partitions",
    },
    quiet: [{ series: copiesMissing("a", "0x20") }, { series: copiesMissing("a", "1x1 0x18") }],
  },
  DiskAlmostFull: {
    firing: {
      series: disk("199x20"),
      labels: {},
      summary: "19.9% of the broker's disk is free",
    },
    quiet: [{ series: disk("200x20") }],
  },
  ReplicaDisconnected: {
    firing: {
      series: replica("0x20", "0x20"),
      labels: { replica: "postgres-replica-1" },
      summary: "postgres-replica-1 no longer follows PostgreSQL",
    },
    quiet: [{ series: replica("1x20", "60x20") }, { series: replica("1x18 0x2", "0x20") }],
  },
  ReplicaLagHigh: {
    firing: {
      series: replica("1x20", "11x20"),
      labels: { replica: "postgres-replica-1" },
      summary: "postgres-replica-1 is 11s behind PostgreSQL",
    },
    // At the limit, and for a moment.
    quiet: [{ series: replica("1x20", "10x20") }, { series: replica("1x20", "0x18 60x2") }],
  },
  WalArchiveBehind: {
    firing: {
      series: { platform_postgres_archive_waiting_seconds: "301x20" },
      labels: {},
      summary: "WAL of PostgreSQL has been waiting for the archive for 5m 1s",
    },
    quiet: [
      { series: { platform_postgres_archive_waiting_seconds: "300x20" } },
      // It caught up.
      { series: { platform_postgres_archive_waiting_seconds: "900x18 0x2" } },
    ],
  },
  BaseBackupOld: {
    firing: {
      series: { platform_postgres_archive_backup_age_seconds: "172801x20" },
      labels: {},
      summary: "The last base backup of PostgreSQL is 2d 0h 0m 1s old",
    },
    quiet: [{ series: { platform_postgres_archive_backup_age_seconds: "172800x20" } }],
  },
  CertificateNearEnd: {
    firing: {
      certificateEnd: 10 * DAY,
      labels: { server: "redpanda" },
      summary: "The certificate of redpanda ends in 9d 23h 40m 0s",
    },
    quiet: [{ certificateEnd: 15 * DAY }],
  },
};

/** What the cases are about. */
export const monitoredUntil = (notAfter: number): Monitored => ({
  postgres: true,
  postgresReplicas: ["postgres-replica-1"],
  redis: ["cache", "session"],
  redpanda: true,
  prefix: "",
  certificates: [{ server: "redpanda", notAfter }],
  backups: { everyHours: 24, databases: ["user_service_db"] },
});

const CERTIFICATE_DAYS = 365;

/** The same of a stack that has every system. */
const withEverySystem = (monitored: Monitored): Monitored => ({
  ...monitored,
  archive: { everyHours: 24 },
  sessionReplica: true,
  cacheCluster: true,
});

/** All alerts. */
export const ALERTS = alertsOf(withEverySystem(monitoredUntil(0)), CERTIFICATE_DAYS);

/** Files of one test of promtool by their ends: the rules, and what they have to give. */
export function promtoolFiles(
  name: string,
  { series = {}, certificateEnd = 100 * DAY, ...expected }: Case & Partial<AlertCases["firing"]>,
  rulesFile: string,
): { rules: string; test: string } {
  const alert = ALERTS.find((known) => known.name === name)!;
  const monitored = withEverySystem(monitoredUntil(certificateEnd));
  const fires = expected.summary !== undefined;
  return {
    rules: rulesYaml(monitored, alertsOf(monitored, CERTIFICATE_DAYS)),
    test: stringify({
      rule_files: [rulesFile],
      evaluation_interval: "1m",
      tests: [
        {
          interval: "1m",
          input_series: Object.entries(series).map(([of, values]) => ({ series: of, values })),
          alert_rule_test: [
            {
              eval_time: LOOK,
              alertname: name,
              exp_alerts: fires
                ? [
                    {
                      exp_labels: { severity: alert.severity, ...expected.labels },
                      exp_annotations: {
                        summary: expected.summary,
                        description: alert.description,
                        runbook: runbookOf(name),
                      },
                    },
                  ]
                : [],
            },
          ],
        },
      ],
    }),
  };
}
