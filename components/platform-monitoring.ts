import { X509Certificate } from "node:crypto";

import * as pulumi from "@pulumi/pulumi";

import { POSTGRES_REPLICAS, SERVERS } from "../catalog/servers";
import { REDIS_INSTANCES } from "../catalog/services";
import type { PlatformConfig } from "../config";
import { containersOf } from "../config-servers";
import { alertsOf } from "../monitoring/alerts";
import { rulesYaml } from "../monitoring/rules";
import type { ScrapeTargets } from "../monitoring/scrape";
import type { Monitored } from "../monitoring/systems";
import { BROKER_PORTS } from "./kafka/redpanda-config";
import { Alertmanager } from "./monitoring/alertmanager";
import { Grafana } from "./monitoring/grafana";
import { PostgresExporter } from "./monitoring/postgres-exporter";
import { Prometheus } from "./monitoring/prometheus";
import { type MonitoredRedis, RedisExporter } from "./monitoring/redis-exporter";
import { TLS_FILES } from "./platform/tls-files";
import { encryptedOf, type PlatformServers } from "./platform-servers";
import { POSTGRES_PORT } from "./postgres/postgres-container";
import { PostgresMonitor } from "./postgres/postgres-monitor";
import { RedisMonitor } from "./redis/redis-monitor";
import { scheduledBackups } from "./scheduled-backups";

/** The monitoring of a stack's containers, with principals of its own. */
export interface PlatformMonitoring {
  prometheus: Prometheus;
  /** Undefined if the stack has none. */
  grafana?: Grafana;
  /** All components, for the guard. */
  components: pulumi.Resource[];
}

/** Creates what the configuration asks for. @returns undefined without monitoring, or without a server to monitor */
export function createMonitoring(
  servers: PlatformServers,
  config: PlatformConfig,
  child: pulumi.ComponentResourceOptions,
): PlatformMonitoring | undefined {
  const run = containersOf(config);
  if (!run.includes("prometheus")) {
    return undefined;
  }
  const { place, certificates, postgres, redis, kafka } = servers;
  const components: pulumi.Resource[] = [];
  const keep = <T extends pulumi.Resource>(component: T): T => {
    components.push(component);
    return component;
  };
  const replicas = POSTGRES_REPLICAS.filter((name) => run.includes(name)).map(
    (name) => SERVERS[name].role,
  );
  const backups = scheduledBackups(config);
  const instances = REDIS_INSTANCES.filter((instance) => run.includes(instance));

  const alertmanager = keep(
    new Alertmanager(
      SERVERS.alertmanager.role,
      { ...place("alertmanager"), webhook: config.alertWebhook },
      child,
    ),
  );
  const targets: Omit<ScrapeTargets, "prometheus"> = {
    alertmanager: alertmanager.address,
    ...(run.includes("postgres") ? { postgresExporter: exportPostgres().address } : {}),
    ...(instances.length > 0 ? { redis: exportRedis() } : {}),
    ...(run.includes("redpanda") ? { redpanda: brokerTarget() } : {}),
  };
  const monitored = certificateEnds().apply((ends): Monitored => ({
    postgres: run.includes("postgres"),
    postgresReplicas: replicas,
    redis: instances,
    sessionReplica: run.includes("sessionReplica"),
    cacheCluster: run.includes("cache2"),
    redpanda: run.includes("redpanda"),
    prefix: config.sharedPrefix,
    certificates: ends,
    ...(config.walArchive === undefined
      ? {}
      : { archive: { everyHours: config.walArchive.everyHours } }),
    ...backups,
  }));
  const prometheus = keep(
    new Prometheus(
      SERVERS.prometheus.role,
      {
        ...place("prometheus"),
        port: config.prometheusPort,
        targets,
        rules: monitored.apply((of) =>
          rulesYaml(of as Monitored, alertsOf(of as Monitored, config.tlsCertificateDays)),
        ),
        trusted: certificates?.trusted,
      },
      child,
    ),
  );
  const grafana = run.includes("grafana")
    ? keep(
        new Grafana(
          SERVERS.grafana.role,
          {
            ...place("grafana"),
            port: config.grafanaPort,
            monitored,
            prometheus: prometheus.address,
            alertmanager: alertmanager.address,
          },
          child,
        ),
      )
    : undefined;
  return { prometheus, ...(grafana === undefined ? {} : { grafana }), components };

  function exportPostgres() {
    const { password, made } = keep(
      new PostgresMonitor(`${SERVERS.postgres.role}-monitor`, postgres, child),
    );
    return keep(
      new PostgresExporter(
        SERVERS.postgresExporter.role,
        {
          ...place("postgresExporter"),
          server: `${postgres.containerName}:${POSTGRES_PORT}`,
          replicas,
          password,
          made,
          hasArchive: config.walArchive !== undefined,
          ...backups,
          trusted: certificates?.trusted,
        },
        child,
      ),
    );
  }

  function exportRedis(): NonNullable<ScrapeTargets["redis"]> {
    const monitoredServers = Object.fromEntries(
      instances.map((instance): [string, MonitoredRedis] => {
        const server = redis[instance];
        const { password, made } = keep(
          new RedisMonitor(`${SERVERS[instance].role}-monitor`, server, child),
        );
        return [
          instance,
          {
            addresses: server.nodes.flatMap(({ internalAddress = [] }) => internalAddress),
            password,
            user: made,
          },
        ];
      }),
    );
    const exporter = keep(
      new RedisExporter(
        SERVERS.redisExporter.role,
        {
          ...place("redisExporter"),
          servers: monitoredServers,
          trusted: certificates?.trusted,
        },
        child,
      ),
    );
    return { exporter: exporter.address, servers: exporter.servers };
  }

  function brokerTarget(): NonNullable<ScrapeTargets["redpanda"]> {
    return {
      brokers: (kafka.brokerNames ?? []).map((broker) => `${broker}:${BROKER_PORTS.admin}`),
      ...(certificates === undefined ? {} : { tls: { caFile: TLS_FILES.trusted } }),
    };
  }

  function certificateEnds(): pulumi.Output<Monitored["certificates"]> {
    const shown = encryptedOf(run);
    return pulumi
      .all(
        certificates === undefined
          ? []
          : shown.map((server) => certificates.servers[server].certificate),
      )
      .apply((chains) =>
        chains.map((chain, index) => ({
          server: SERVERS[shown[index]].role,
          // The first certificate of the chain is the server's own.
          notAfter: Date.parse(new X509Certificate(chain).validTo) / 1_000,
        })),
      );
  }
}
