/** What is monitored. Rules, dashboards and scrape configurations follow from it. */
import type { RedisInstanceName } from "../catalog/services";

export interface Monitored {
  postgres: boolean;
  redis: readonly RedisInstanceName[];
  /** Redpanda, which publishes its own metrics. */
  redpanda: boolean;
  /** Start of the names of the stack's topics and groups (catalog/names.ts). */
  prefix: string;
  /** Certificates of servers whose end is known. */
  certificates: readonly MonitoredCertificate[];
}

export interface MonitoredCertificate {
  /** Role of the server that shows it. */
  server: string;
  /** Seconds since 1970. */
  notAfter: number;
}

/** A part of the monitoring that needs one of the systems. */
export type System = "postgres" | "redis" | "redpanda" | "certificates";

export const has = (
  { postgres, redis, redpanda, certificates }: Monitored,
  system: System | undefined,
): boolean =>
  system === undefined ||
  { postgres, redis: redis.length > 0, redpanda, certificates: certificates.length > 0 }[system];
