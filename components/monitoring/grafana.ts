import * as pulumi from "@pulumi/pulumi";

import type { Monitored } from "../../monitoring/systems";
import { containerName, type ContainerPlace, createContainer } from "../platform/container";
import { goMemoryLimit, httpProbe } from "../platform/http-server";

const PORT = 3000;
const PROVISIONING = "/etc/grafana/provisioning";
const DASHBOARDS = "/etc/platform/dashboards";

/** A stack without monitoring does not wait for Grafana's SDK. */
export const loadDashboard = () =>
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- tsx leaves a dynamic import to Node.js, which finds no .ts file.
  require("../../monitoring/dashboard") as typeof import("../../monitoring/dashboard");

export interface GrafanaArgs extends ContainerPlace {
  /** Port of the host. */
  port: number;
  monitored: pulumi.Input<Monitored>;
  /** host:port of the sources on the platform's network. */
  prometheus: string;
  alertmanager: string;
}

/** Shows the dashboard. Nobody logs in: whoever opens its page may look, and change nothing. */
export class Grafana extends pulumi.ComponentResource {
  public readonly url: string;
  public readonly containerName: string;

  constructor(name: string, args: GrafanaArgs, opts?: pulumi.ComponentResourceOptions) {
    super("learning-platform:monitoring:Grafana", name, {}, opts);
    const { platform, role, memoryMb, port, monitored, prometheus, alertmanager } = args;
    const { dashboardJson, dashboardsYaml, datasourcesYaml } = loadDashboard();
    const sources = datasourcesYaml({
      prometheus: `http://${prometheus}`,
      alertmanager: `http://${alertmanager}`,
    });
    const dashboard = pulumi
      .output(monitored)
      .apply((of) => dashboardJson(platform.stack, of as Monitored));
    const upload = (file: string, content: pulumi.Input<string>) => ({
      file,
      content,
      permissions: "0444",
    });
    createContainer(
      name,
      {
        ...args,
        ports: [{ internal: PORT, external: port }],
        envs: [
          "GF_AUTH_ANONYMOUS_ENABLED=true",
          "GF_AUTH_ANONYMOUS_ORG_ROLE=Viewer",
          "GF_AUTH_DISABLE_LOGIN_FORM=true",
          "GF_AUTH_BASIC_ENABLED=false",
          // Without it there would be an administrator with a password that everybody knows.
          "GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION=true",
          "GF_ANALYTICS_REPORTING_ENABLED=false",
          "GF_ANALYTICS_CHECK_FOR_UPDATES=false",
          goMemoryLimit(memoryMb),
        ],
        uploads: [
          upload(`${PROVISIONING}/datasources/platform.yaml`, sources),
          upload(`${PROVISIONING}/dashboards/platform.yaml`, dashboardsYaml(DASHBOARDS)),
          upload(`${DASHBOARDS}/platform.json`, dashboard),
        ],
        probe: httpProbe(PORT, "/api/health"),
        stopGraceSeconds: 5,
      },
      { parent: this },
    );
    this.url = `http://${platform.host}:${port}`;
    this.containerName = containerName(platform, role);
    this.registerOutputs({ url: this.url, containerName: this.containerName });
  }
}
