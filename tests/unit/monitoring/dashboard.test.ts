import assert from "node:assert/strict";

import type { Dashboard, Panel, RowPanel } from "@grafana/grafana-foundation-sdk/dashboard";
import { parse } from "yaml";

import { dashboardJson, dashboardsYaml, datasourcesYaml } from "../../../monitoring/dashboard";
import { rowsOf } from "../../../monitoring/panels";
import { monitoredUntil } from "../../support/alert-cases";

const MONITORED = monitoredUntil(0);
const dashboard = (monitored = MONITORED) =>
  JSON.parse(dashboardJson("dev", monitored)) as Dashboard;
const isRow = (panel: Panel | RowPanel): panel is RowPanel => panel.type === "row";
const panelsOf = ({ panels = [] }: Dashboard) =>
  panels.filter((panel): panel is Panel => !isRow(panel));
const targetsOf = (panel: Panel) =>
  (panel.targets ?? []) as { expr?: string; refId?: string; datasource?: { uid?: string } }[];

describe("the dashboard", () => {
  it("has a panel for everything that people look at", () => {
    const titles = panelsOf(dashboard()).map(({ title }) => title);
    for (const wanted of [
      /Connections by role, of their limit/,
      /Slow statements/,
      /Cache misses/,
      /Memory, of its limit/,
      /Consumer lag/,
      /Dead letters/,
      /Free disk/,
      /lock/,
      /Autovacuum/,
      /Age of transactions/,
      /Migrations/,
      /Certificates/,
    ]) {
      assert.ok(
        titles.some((title) => wanted.test(title ?? "")),
        String(wanted),
      );
    }
  });

  it("asks the source that is provisioned, with an expression and a name of its own in each line", () => {
    const { datasources } = parse(
      datasourcesYaml({ prometheus: "http://p:9090", alertmanager: "http://a:9093" }),
    ) as { datasources: { uid: string; url: string; type: string }[] };
    const [{ uid, url }] = datasources;
    assert.strictEqual(url, "http://p:9090");
    for (const panel of panelsOf(dashboard())) {
      const targets = targetsOf(panel);
      assert.ok(targets.length > 0, panel.title);
      assert.strictEqual(new Set(targets.map(({ refId }) => refId)).size, targets.length);
      for (const { expr, datasource } of targets) {
        assert.ok(expr, panel.title);
        assert.strictEqual(datasource?.uid, uid);
      }
    }
  });

  it("shows every expression of the panels", () => {
    const shown = panelsOf(dashboard()).flatMap((panel) =>
      targetsOf(panel).map(({ expr }) => expr),
    );
    const all = rowsOf(MONITORED).flatMap(({ panels }) =>
      panels.flatMap(({ lines }) => lines.map(([expr]) => expr)),
    );
    assert.deepStrictEqual(shown, all);
  });

  it("covers no panel with another one, and has the schema that Grafana 12 reads", () => {
    const { panels = [], schemaVersion, uid } = dashboard();
    assert.deepStrictEqual([schemaVersion, uid], [42, "learning-platform"]);
    const cells = panels.flatMap(({ gridPos }) => {
      const { x = 0, y = 0, w = 0, h = 0 } = gridPos ?? {};
      assert.ok(x + w <= 24);
      return Array.from({ length: w * h }, (_, at) => `${x + (at % w)},${y + Math.floor(at / w)}`);
    });
    assert.strictEqual(new Set(cells).size, cells.length);
  });

  it("leaves out what is not monitored, and rows without a panel", () => {
    const { panels = [] } = dashboard({
      ...{ ...MONITORED, redpanda: false, redis: [], certificates: [] },
    });
    assert.deepStrictEqual(
      panels.filter(isRow).map(({ title }) => title),
      ["Platform", "PostgreSQL: connections and statements", "PostgreSQL: locks and upkeep"],
    );
  });

  it("is found by Grafana in the folder that is uploaded", () => {
    const { providers } = parse(dashboardsYaml("/folder")) as {
      providers: { type: string; options: { path: string } }[];
    };
    assert.deepStrictEqual(
      providers.map(({ type, options }) => [type, options.path]),
      [["file", "/folder"]],
    );
  });
});
