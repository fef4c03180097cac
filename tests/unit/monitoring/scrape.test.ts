import assert from "node:assert/strict";

import { parse } from "yaml";

import { prometheusYaml, type ScrapeTargets } from "../../../monitoring/scrape";

interface Job {
  job_name: string;
  scheme?: string;
  tls_config?: { ca_file?: string };
  metrics_path?: string;
  static_configs: { targets: string[]; labels?: Record<string, string> }[];
  relabel_configs?: { source_labels?: string[]; target_label: string; replacement?: string }[];
}

const read = (targets: ScrapeTargets) =>
  parse(prometheusYaml({ targets, rulesFile: "/rules.yml" })) as {
    rule_files: string[];
    alerting?: object;
    scrape_configs: Job[];
  };

describe("Prometheus' configuration", () => {
  it("scrapes what it is told of, and nothing else", () => {
    const { rule_files, alerting, scrape_configs } = read({ postgresExporter: "pg:9187" });
    assert.deepStrictEqual(rule_files, ["/rules.yml"]);
    assert.strictEqual(alerting, undefined);
    assert.deepStrictEqual(
      scrape_configs.map(({ job_name, static_configs }) => [job_name, static_configs]),
      [["postgres", [{ targets: ["pg:9187"] }]]],
    );
  });

  it("asks one exporter for each Redis server, and labels them by what they are for", () => {
    const servers = { cache: ["redis://c:6379"], session: ["redis://s:6379"] };
    const [job] = read({ redis: { exporter: "x:9121", servers } }).scrape_configs;
    assert.strictEqual(job.metrics_path, "/scrape");
    assert.deepStrictEqual(job.static_configs, [
      { targets: ["redis://c:6379"], labels: { server: "cache" } },
      { targets: ["redis://s:6379"], labels: { server: "session" } },
    ]);
    assert.deepStrictEqual(
      job.relabel_configs?.map(({ target_label, replacement }) => [target_label, replacement]),
      [
        ["__param_target", undefined],
        ["instance", undefined],
        ["__address__", "x:9121"],
      ],
    );
  });

  it("trusts the stack's authorities, or those of the system, where the broker encrypts", () => {
    const brokers = ["b:9644"];
    const [own] = read({ redpanda: { brokers, tls: { caFile: "/ca.crt" } } }).scrape_configs;
    assert.deepStrictEqual([own.scheme, own.tls_config], ["https", { ca_file: "/ca.crt" }]);
    const [system] = read({ redpanda: { brokers, tls: {} } }).scrape_configs;
    assert.deepStrictEqual([system.scheme, system.tls_config], ["https", undefined]);
    const [clear] = read({ redpanda: { brokers } }).scrape_configs;
    assert.deepStrictEqual([clear.scheme, clear.metrics_path], [undefined, "/public_metrics"]);
  });
});
