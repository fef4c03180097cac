/** Grafana's files. Its SDK takes a fifth of a second to load: import this file only where monitoring is on. */
import {
  LegendDisplayMode,
  LegendPlacement,
  VizLegendOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import { DashboardBuilder, RowBuilder } from "@grafana/grafana-foundation-sdk/dashboard";
import { DataqueryBuilder } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder } from "@grafana/grafana-foundation-sdk/timeseries";
import { stringify } from "yaml";

import { type Panel, rowsOf } from "./panels";
import type { Monitored } from "./systems";

/** Identifies the source in the dashboard, whatever its name is in Grafana. */
const PROMETHEUS = { type: "prometheus", uid: "platform-prometheus" };

/** Columns of Grafana's grid, of which a row has 24. */
const PANEL_WIDTH = 8;
const PANEL_HEIGHT = 8;

/** The dashboard of a stack, as the JSON that Grafana reads. */
export function dashboardJson(stack: string, monitored: Monitored): string {
  const dashboard = new DashboardBuilder(`Learning platform: ${stack}`)
    .uid("learning-platform")
    .tags(["learning-platform"])
    .readonly()
    .refresh("10s")
    .time({ from: "now-1h", to: "now" })
    .timezone("browser");
  for (const { title, panels } of rowsOf(monitored)) {
    dashboard.withRow(new RowBuilder(title));
    panels.forEach((panel) => dashboard.withPanel(timeseries(panel)));
  }
  return JSON.stringify(dashboard.build(), null, 2);
}

function timeseries({ title, description, unit, lines }: Panel): PanelBuilder {
  const panel = new PanelBuilder()
    .title(title)
    .description(description)
    .unit(unit)
    .min(0)
    .datasource(PROMETHEUS)
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom),
    )
    .span(PANEL_WIDTH)
    .height(PANEL_HEIGHT);
  lines.forEach(([expr, legend], index) =>
    panel.withTarget(
      new DataqueryBuilder()
        .refId(String.fromCharCode("A".charCodeAt(0) + index))
        .datasource(PROMETHEUS)
        .expr(expr)
        .legendFormat(legend)
        .range(),
    ),
  );
  return panel;
}

/** Grafana's file of sources. @param urls where Prometheus and Alertmanager answer */
export const datasourcesYaml = (urls: { prometheus: string; alertmanager: string }): string =>
  stringify({
    apiVersion: 1,
    datasources: [
      { name: "Prometheus", ...PROMETHEUS, access: "proxy", url: urls.prometheus, isDefault: true },
      {
        name: "Alertmanager",
        type: "alertmanager",
        uid: "platform-alertmanager",
        access: "proxy",
        url: urls.alertmanager,
        jsonData: { implementation: "prometheus" },
      },
    ],
  });

/** Grafana's file that says where dashboards are. @param folder path in the container */
export const dashboardsYaml = (folder: string): string =>
  stringify({
    apiVersion: 1,
    providers: [{ name: "platform", type: "file", options: { path: folder } }],
  });
