import { stringify } from "yaml";

/** Seconds between two looks at a server, and between two evaluations of the rules. */
const INTERVAL = "10s";

/** Where Prometheus finds what it scrapes, as host:port. */
export interface ScrapeTargets {
  prometheus?: string;
  alertmanager?: string;
  postgresExporter?: string;
  redis?: {
    exporter: string;
    /** URLs of the nodes of each server, without a login, by what the server is for. */
    servers: Readonly<Record<string, readonly string[]>>;
  };
  redpanda?: {
    brokers: readonly string[];
    /** How it encrypts; undefined for not at all. */
    tls?: {
      /** File of the authorities to trust; without it, those of the system. */
      caFile?: string;
    };
  };
}

export interface PrometheusFiles {
  targets: ScrapeTargets;
  /** Path of the file of rules. */
  rulesFile: string;
}

/** Prometheus' configuration file. */
export const prometheusYaml = ({ targets, rulesFile }: PrometheusFiles): string =>
  stringify({
    global: { scrape_interval: INTERVAL, scrape_timeout: "5s", evaluation_interval: INTERVAL },
    rule_files: [rulesFile],
    ...(targets.alertmanager === undefined
      ? {}
      : {
          alerting: { alertmanagers: [{ static_configs: [{ targets: [targets.alertmanager] }] }] },
        }),
    scrape_configs: scrapeConfigs(targets),
  });

/** The part of the configuration that says what is scraped; also for a Prometheus that exists. */
export function scrapeConfigs(targets: ScrapeTargets): object[] {
  const { prometheus, alertmanager, postgresExporter, redis, redpanda } = targets;
  const plain = { prometheus, alertmanager, postgres: postgresExporter };
  return [
    ...Object.entries(plain).flatMap(([job, target]) =>
      target === undefined ? [] : [{ job_name: job, static_configs: [{ targets: [target] }] }],
    ),
    ...(redis === undefined ? [] : [redisConfig(redis)]),
    ...(redpanda === undefined ? [] : [redpandaConfig(redpanda)]),
  ];
}

/** One exporter asks every server: the address that Prometheus connects to is the exporter's. */
const redisConfig = ({ exporter, servers }: NonNullable<ScrapeTargets["redis"]>) => ({
  job_name: "redis",
  metrics_path: "/scrape",
  static_configs: Object.entries(servers).map(([server, nodes]) => ({
    targets: [...nodes],
    labels: { server },
  })),
  relabel_configs: [
    { source_labels: ["__address__"], target_label: "__param_target" },
    { source_labels: ["__address__"], target_label: "instance" },
    { target_label: "__address__", replacement: exporter },
  ],
});

/** Needs no login (redpanda v26.2, src/v/redpanda/admin/server.cc, configure_metrics_route). */
const redpandaConfig = ({ brokers, tls }: NonNullable<ScrapeTargets["redpanda"]>) => ({
  job_name: "redpanda",
  metrics_path: "/public_metrics",
  ...(tls === undefined
    ? {}
    : {
        scheme: "https",
        ...(tls.caFile === undefined ? {} : { tls_config: { ca_file: tls.caFile } }),
      }),
  static_configs: [{ targets: [...brokers] }],
});
