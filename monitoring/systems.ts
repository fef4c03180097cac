/** What is monitored. Rules, dashboards and scrape configurations follow from it. */
import type { RedisInstanceName } from "../catalog/services";

export interface Monitored {
  postgres: boolean;
  /** Roles of the containers that are replicas of PostgreSQL. */
  postgresReplicas: readonly string[];
  redis: readonly RedisInstanceName[];
  /** Whether the sessions have a second server that follows the first. @default false */
  sessionReplica?: boolean;
  /** Whether the cache is a cluster. @default false */
  cacheCluster?: boolean;
  /** Redpanda, which publishes its own metrics. */
  redpanda: boolean;
  /** Start of the names of the stack's topics and groups (catalog/names.ts). */
  prefix: string;
  /** Certificates of servers whose end is known. */
  certificates: readonly MonitoredCertificate[];
  /** The archive of PostgreSQL's WAL; undefined without one. */
  archive?: {
    /** Hours from one base backup to the next. */
    everyHours: number;
  };
  /** Undefined unless backups are scheduled. */
  backups?: MonitoredBackups;
}

export interface MonitoredBackups {
  /** Hours from one backup to the next. */
  everyHours: number;
  /** Databases that are backed up. */
  databases: readonly string[];
}

export interface MonitoredCertificate {
  /** Role of the server that shows it. */
  server: string;
  /** Seconds since 1970. */
  notAfter: number;
}

/** A part of the monitoring that needs one of the systems. */
export type System =
  | "postgres"
  | "postgresReplicas"
  | "redis"
  | "sessionReplica"
  | "cacheCluster"
  | "redpanda"
  | "certificates"
  | "archive"
  | "backups";

export function has(monitored: Monitored, system: System | undefined): boolean {
  const { postgres, redpanda, backups } = monitored;
  const systems: Readonly<Record<System, boolean>> = {
    ...{ postgres, redpanda },
    postgresReplicas: monitored.postgresReplicas.length > 0,
    redis: monitored.redis.length > 0,
    sessionReplica: monitored.sessionReplica === true,
    cacheCluster: monitored.cacheCluster === true,
    certificates: monitored.certificates.length > 0,
    archive: monitored.archive !== undefined,
    // PostgreSQL tells when the last one was written.
    backups: postgres && backups !== undefined,
  };
  return system === undefined || systems[system];
}
