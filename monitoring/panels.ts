/** The panels of the dashboard, as data. dashboard.ts makes Grafana's JSON of them. */
import {
  ARCHIVE_WAITING,
  BASE_BACKUP_AGE,
  CACHE_MISSES,
  CACHE_READS,
  CERTIFICATE_LEFT,
  consumerLag,
  deadLetters,
  DISK_FREE,
  LONGEST_STATEMENT,
  MIGRATORS,
  REPLICA_CONNECTED,
  REPLICA_LAG,
  ROLE_CONNECTIONS,
  SERVER_CONNECTIONS,
} from "./series";
import { has, type Monitored, type System } from "./systems";

export interface Panel {
  title: string;
  /** What it shows, and what a person does with it. */
  description: string;
  /** Unit by Grafana's name. */
  unit: "percentunit" | "short" | "s" | "bytes" | "ops";
  /** Expressions with the labels that tell their lines apart, in Grafana's notation. */
  lines: readonly (readonly [expr: string, legend: string])[];
  system?: System;
}

export interface Row {
  title: string;
  panels: readonly Panel[];
}

/** The rows and panels of what is monitored. */
export function rowsOf(monitored: Monitored): Row[] {
  const { prefix } = monitored;
  const rows: Row[] = [
    {
      title: "Platform",
      panels: [
        {
          title: "Answers Prometheus",
          description: "1: it answers. 0: nothing is known of it.",
          unit: "short",
          lines: [["up", "{{job}} {{instance}}"]],
        },
        {
          title: "Free disk",
          description: "The disk that the broker's data is on.",
          unit: "percentunit",
          lines: [[DISK_FREE, "free"]],
          system: "redpanda",
        },
        {
          title: "Certificates",
          description: "Time until each certificate ends. An up renews them.",
          unit: "s",
          lines: [[CERTIFICATE_LEFT, "{{server}}"]],
          system: "certificates",
        },
        {
          title: "Archive of PostgreSQL's WAL",
          description: "Seconds that WAL has been waiting, and the age of the last base backup.",
          unit: "s",
          lines: [
            [ARCHIVE_WAITING, "waiting"],
            [BASE_BACKUP_AGE, "base backup"],
          ],
          system: "archive",
        },
      ],
    },
    {
      title: "PostgreSQL: connections and statements",
      panels: [
        {
          title: "Connections by role, of their limit",
          description: "A service at 100 % gets no further connection.",
          unit: "percentunit",
          lines: [
            [ROLE_CONNECTIONS, "{{role}}"],
            [SERVER_CONNECTIONS, "whole server"],
          ],
          system: "postgres",
        },
        {
          title: "Slow statements",
          description: "Statements that have been running for more than a second, by role.",
          unit: "short",
          lines: [["platform_postgres_statement_slow", "{{role}}"]],
          system: "postgres",
        },
        {
          title: "Longest statement",
          description: "Seconds since the longest running statement of each role began.",
          unit: "s",
          lines: [[LONGEST_STATEMENT, "{{role}}"]],
          system: "postgres",
        },
        {
          title: "Migrations",
          description: "Seconds that a migration's statement has been running; 0 while none runs.",
          unit: "s",
          lines: [[`platform_postgres_statement_longest_seconds{${MIGRATORS}}`, "{{role}}"]],
          system: "postgres",
        },
      ],
    },
    {
      title: "PostgreSQL: locks and upkeep",
      panels: [
        {
          title: "Sessions that wait for a lock",
          description: "Many for long: a transaction is open that should not be.",
          unit: "short",
          lines: [["platform_postgres_lock_waiting", "{{database}}"]],
          system: "postgres",
        },
        {
          title: "Longest wait for a lock",
          description: "Seconds that the first of them has been waiting.",
          unit: "s",
          lines: [["platform_postgres_lock_longest_wait_seconds", "{{database}}"]],
          system: "postgres",
        },
        {
          title: "Autovacuum workers",
          description: "Workers that run. At 3 all the time, tables wait for them.",
          unit: "short",
          lines: [["platform_postgres_server_autovacuum_workers", "workers"]],
          system: "postgres",
        },
        {
          title: "Age of transactions",
          description:
            "Of the age at which autovacuum freezes rows. Far above 100 %, it does not get there.",
          unit: "percentunit",
          lines: [
            [
              "platform_postgres_database_transaction_age / platform_postgres_database_freeze_age",
              "{{database}}",
            ],
          ],
          system: "postgres",
        },
        {
          title: "Size of databases",
          description: "Bytes on the disk, indexes included.",
          unit: "bytes",
          lines: [["platform_postgres_database_size_bytes", "{{database}}"]],
          system: "postgres",
        },
        {
          title: "Lag of replicas",
          description: "Seconds by which readers of a replica see less than the primary has.",
          unit: "s",
          lines: [[REPLICA_LAG, "{{replica}}"]],
          system: "postgresReplicas",
        },
        {
          title: "Replicas that follow",
          description:
            "1: the replica follows the primary. 0: it does not, and the primary keeps WAL.",
          unit: "short",
          lines: [[REPLICA_CONNECTED, "{{replica}}"]],
          system: "postgresReplicas",
        },
        {
          title: "WAL kept for replicas",
          description:
            "Bytes that a replica has not confirmed. Beyond the limit, it is copied anew.",
          unit: "bytes",
          lines: [["platform_postgres_replica_kept_bytes", "{{replica}}"]],
          system: "postgresReplicas",
        },
      ],
    },
    {
      title: "Redis",
      panels: [
        {
          title: "Cache misses",
          description: "Of what services look up. They load the database instead.",
          unit: "percentunit",
          lines: [[CACHE_MISSES, "misses"]],
          system: "redis",
        },
        {
          title: "Cache lookups",
          description: "Keys that services look up, by second.",
          unit: "ops",
          lines: [[CACHE_READS, "lookups"]],
          system: "redis",
        },
        {
          title: "Memory, of its limit",
          description: "The cache evicts keys at 100 %. The session instance refuses writes.",
          unit: "percentunit",
          lines: [["redis_memory_used_bytes / (redis_memory_max_bytes > 0)", "{{server}}"]],
          system: "redis",
        },
        {
          title: "Evicted keys",
          description: "Keys that were removed to make room, by second.",
          unit: "ops",
          lines: [["rate(redis_evicted_keys_total[5m])", "{{server}}"]],
          system: "redis",
        },
      ],
    },
    {
      title: "Events",
      panels: [
        {
          title: "Consumer lag",
          description: "Records that each group has not read yet.",
          unit: "short",
          lines: [[consumerLag(prefix), "{{redpanda_group}} {{redpanda_topic}}"]],
          system: "redpanda",
        },
        {
          title: "Dead letters",
          description: "Dead letters that no group has read yet.",
          unit: "short",
          lines: [[deadLetters(prefix), "{{redpanda_topic}}"]],
          system: "redpanda",
        },
        {
          title: "Brokers",
          description: "Brokers of the cluster.",
          unit: "short",
          lines: [["redpanda_cluster_brokers", "brokers"]],
          system: "redpanda",
        },
      ],
    },
  ];
  return rows
    .map(({ title, panels }) => ({
      title,
      panels: panels.filter(({ system }) => has(monitored, system)),
    }))
    .filter(({ panels }) => panels.length > 0);
}
