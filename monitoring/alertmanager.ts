import { stringify } from "yaml";

const NOBODY = "nobody";
const WEBHOOK = "webhook";

/**
 * Alertmanager's configuration file: alerts are grouped by name.
 * @param webhook URL to which alerts are posted, when they fire and when they end; empty for nowhere
 */
export const alertmanagerYaml = (webhook: string): string =>
  stringify({
    route: {
      receiver: webhook === "" ? NOBODY : WEBHOOK,
      group_by: ["alertname"],
      group_wait: "10s",
      group_interval: "5m",
      repeat_interval: "12h",
    },
    receivers: [
      webhook === ""
        ? { name: NOBODY }
        : { name: WEBHOOK, webhook_configs: [{ url: webhook, send_resolved: true }] },
    ],
  });
