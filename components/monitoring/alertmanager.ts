import * as pulumi from "@pulumi/pulumi";

import { alertmanagerYaml } from "../../monitoring/alertmanager";
import { containerName, type ContainerPlace, createContainer } from "../platform/container";
import { goMemoryLimit, httpProbe } from "../platform/http-server";

const PORT = 9093;
const CONFIG_FILE = "/etc/platform/alertmanager.yml";

export interface AlertmanagerArgs extends ContainerPlace {
  /** URL to which alerts are posted; empty for nowhere. It may hold a token. */
  webhook: string;
}

/** Groups alerts and keeps silences. It publishes no port: people see alerts in Prometheus and Grafana. */
export class Alertmanager extends pulumi.ComponentResource {
  /** host:port on the platform's network. */
  public readonly address: string;

  constructor(name: string, args: AlertmanagerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("learning-platform:monitoring:Alertmanager", name, {}, opts);
    const { platform, role, memoryMb } = args;
    createContainer(
      name,
      {
        ...args,
        ports: [],
        envs: [goMemoryLimit(memoryMb)],
        command: [
          `--config.file=${CONFIG_FILE}`,
          "--storage.path=/alertmanager",
          // One of its kind: it neither listens for others nor waits for them.
          "--cluster.listen-address=",
        ],
        uploads: [
          {
            file: CONFIG_FILE,
            content: pulumi.secret(alertmanagerYaml(args.webhook)),
            permissions: "0444",
          },
        ],
        probe: httpProbe(PORT, "/-/ready"),
        stopGraceSeconds: 5,
      },
      { parent: this },
    );
    this.address = `${containerName(platform, role)}:${PORT}`;
    this.registerOutputs({ address: this.address });
  }
}
