import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { stringify } from "yaml";

import { REDIS_INSTANCES } from "../catalog/services";
import type { PlatformConfig } from "../config";
import { type ExistingRedis, REDIS_KEYS } from "../config-servers";
import { alertsOf } from "../monitoring/alerts";
import { postgresQueries } from "../monitoring/postgres-queries";
import { rulesYaml } from "../monitoring/rules";
import { scrapeConfigs, type ScrapeTargets } from "../monitoring/scrape";
import type { Monitored } from "../monitoring/systems";
import { BROKER_PORTS } from "./kafka/redpanda-config";
import { loadDashboard } from "./monitoring/grafana";
import { parseAddress } from "./platform/address";
import { scheduledBackups } from "./scheduled-backups";

/** Where exporters of servers that exist answer: nobody but their owner knows, and changes it in the file. */
const EXPORTERS = { postgres: "postgres-exporter:9187", redis: "redis-exporter:9121" };

/** Folder of the files for the monitoring of servers that exist, from the root of the program. */
export const monitoringFolder = (stack: string) => `.platform/monitoring/${stack}`;

/**
 * Writes the files with which somebody else's Prometheus and Grafana monitor the servers that exist. Each run writes them
 * again, so that they are on every machine; git ignores them.
 */
export function writeMonitoringFiles(config: PlatformConfig): void {
  const monitored: Monitored = {
    postgres: config.postgresServer !== undefined,
    // Whoever runs the server runs its replicas.
    postgresReplicas: [],
    redis: REDIS_INSTANCES.filter((instance) => config[REDIS_KEYS[instance]] !== undefined),
    redpanda: config.kafkaCluster !== undefined,
    prefix: config.sharedPrefix,
    // Whoever runs the servers issues them.
    certificates: [],
    ...scheduledBackups(config),
  };
  if (!config.monitoring || !(monitored.postgres || monitored.redis.length || monitored.redpanda)) {
    return;
  }
  const files = {
    "scrape.yml": stringify({ scrape_configs: scrapeConfigs(targetsOf(config, monitored)) }),
    "rules.yml": rulesYaml(monitored, alertsOf(monitored, config.tlsCertificateDays)),
    "dashboard.json": loadDashboard().dashboardJson(config.stack, monitored),
    ...(monitored.postgres ? { "postgres-queries.yml": postgresQueries(monitored) } : {}),
  };
  const folder = monitoringFolder(config.stack);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text);
  }
}

function targetsOf(config: PlatformConfig, { postgres, redis }: Monitored): ScrapeTargets {
  const { kafkaCluster: kafka } = config;
  return {
    ...(postgres ? { postgresExporter: EXPORTERS.postgres } : {}),
    ...(redis.length > 0
      ? {
          redis: {
            exporter: EXPORTERS.redis,
            servers: Object.fromEntries(
              redis.map((instance) => [instance, nodeUrls(config[REDIS_KEYS[instance]]!)]),
            ),
          },
        }
      : {}),
    ...(kafka === undefined
      ? {}
      : {
          redpanda: {
            brokers: kafka.bootstrapServers.map(
              (broker) => `${parseAddress(broker).host}:${BROKER_PORTS.admin}`,
            ),
            ...(kafka.tls
              ? { tls: kafka.caFile === undefined ? {} : { caFile: kafka.caFile } }
              : {}),
          },
        }),
  };
}

const nodeUrls = ({ nodes, tls }: ExistingRedis): string[] =>
  nodes.map((node) => `${tls ? "rediss" : "redis"}://${node}`);
