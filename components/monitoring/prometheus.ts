import * as pulumi from "@pulumi/pulumi";

import { prometheusYaml, type ScrapeTargets } from "../../monitoring/scrape";
import {
  containerName,
  type ContainerPlace,
  createContainer,
  createVolume,
} from "../platform/container";
import { goMemoryLimit, httpProbe } from "../platform/http-server";
import { trustedUpload } from "../platform/tls-files";

const PORT = 9090;
const CONFIG_FILE = "/etc/platform/prometheus.yml";
const RULES_FILE = "/etc/platform/rules.yml";
const DATA = "/prometheus";

export interface PrometheusArgs extends ContainerPlace {
  /** Port of the host. */
  port: number;
  targets: Omit<ScrapeTargets, "prometheus">;
  /** The file of rules. */
  rules: pulumi.Input<string>;
  /** PEM of the authorities to trust; undefined if no target encrypts. */
  trusted?: pulumi.Output<string>;
}

/** Scrapes every target and evaluates the rules. A volume keeps what it found for some days. */
export class Prometheus extends pulumi.ComponentResource {
  public readonly url: string;
  public readonly containerName: string;
  /** host:port on the platform's network. */
  public readonly address: string;

  constructor(name: string, args: PrometheusArgs, opts?: pulumi.ComponentResourceOptions) {
    super("learning-platform:monitoring:Prometheus", name, {}, opts);
    const { platform, role, memoryMb, port, rules, trusted } = args;
    const child = { parent: this };
    const volume = createVolume(`${name}-data`, platform, role, child);
    const targets = { prometheus: `localhost:${PORT}`, ...args.targets };
    this.containerName = containerName(platform, role);
    this.address = `${this.containerName}:${PORT}`;
    this.url = `http://${platform.host}:${port}`;
    createContainer(
      name,
      {
        ...args,
        ports: [{ internal: PORT, external: port }],
        envs: [goMemoryLimit(memoryMb)],
        command: [
          `--config.file=${CONFIG_FILE}`,
          `--storage.tsdb.path=${DATA}`,
          "--storage.tsdb.retention.time=15d",
          "--storage.tsdb.retention.size=512MB",
          // Alerts link to it.
          `--web.external-url=${this.url}`,
        ],
        uploads: [
          {
            file: CONFIG_FILE,
            content: prometheusYaml({ targets, rulesFile: RULES_FILE }),
            permissions: "0444",
          },
          { file: RULES_FILE, content: rules, permissions: "0444" },
          ...trustedUpload(trusted),
        ],
        volume: { name: volume.name, path: DATA },
        probe: httpProbe(PORT, "/-/ready"),
      },
      child,
    );
    this.registerOutputs({ url: this.url, containerName: this.containerName });
  }
}
