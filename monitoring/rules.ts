import { stringify } from "yaml";

import type { Alert } from "./alerts";
import { CERTIFICATE_END } from "./series";
import type { Monitored } from "./systems";

/** The page with a section for each alert, from the root of the repository. */
const RUNBOOK = "docs/monitoring.md";

/** The section of an alert, as it is linked: the heading is the alert's name. */
export const runbookOf = (alert: string): string => `${RUNBOOK}#${alert.toLowerCase()}`;

/** Prometheus' file of rules: the alerts, and the facts that no server reports. */
export function rulesYaml({ certificates }: Monitored, alerts: readonly Alert[]): string {
  const facts = certificates.map(({ server, notAfter }) => ({
    record: CERTIFICATE_END,
    expr: `vector(${notAfter})`,
    labels: { server },
  }));
  return stringify({
    groups: [
      ...(facts.length > 0 ? [{ name: "facts", rules: facts }] : []),
      {
        name: "alerts",
        rules: alerts.map(({ name, expr, for: duration, severity, summary, description }) => ({
          alert: name,
          expr,
          for: duration,
          labels: { severity },
          annotations: { summary, description, runbook: runbookOf(name) },
        })),
      },
    ],
  });
}
