import { stringify } from "yaml";

/**
 * Alertmanager's configuration file: alerts are grouped by name, and kept for people who look. Nobody is notified.
 * While nothing is known of a target, its other alerts only say the same.
 */
export const alertmanagerYaml = (): string =>
  stringify({
    route: {
      receiver: "nobody",
      group_by: ["alertname"],
      group_wait: "10s",
      group_interval: "5m",
      repeat_interval: "12h",
    },
    receivers: [{ name: "nobody" }],
  });
