import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";

import { alertsOf } from "../../../monitoring/alerts";
import { rulesYaml, runbookOf } from "../../../monitoring/rules";
import { consumerLag, deadLetters } from "../../../monitoring/series";
import type { Monitored } from "../../../monitoring/systems";
import { ALERT_CASES, ALERTS, monitoredUntil } from "../../support/alert-cases";
import { parsePage } from "../docs/pages";
import { ROOT } from "../support/program";

const NOTHING: Monitored = {
  ...{
    postgres: false,
    postgresReplicas: [],
    redis: [],
    redpanda: false,
    prefix: "",
    certificates: [],
  },
};
const namesOf = (monitored: Monitored) => alertsOf(monitored, 365).map(({ name }) => name);

describe("alerts", () => {
  it("each have series with which they fire and series with which they do not", () => {
    const names = ALERTS.map(({ name }) => name);
    assert.deepStrictEqual(Object.keys(ALERT_CASES).sort(), [...names].sort());
    for (const [name, { quiet }] of Object.entries(ALERT_CASES)) {
      assert.ok(quiet.length > 0, name);
    }
  });

  for (const { name, measures, expr, severity } of ALERTS) {
    it(`${name} compares what it says that it measures`, () => {
      assert.ok(measures.length > 0);
      for (const measure of measures) {
        assert.ok(expr.includes(measure), `${measure} is not in ${expr}`);
      }
    });

    it(`${name} links to a section that says what to do`, async () => {
      const [page, anchor] = runbookOf(name).split("#");
      const { anchors } = await parsePage(readFileSync(path.join(ROOT, page), "utf8"));
      assert.ok(anchors.has(anchor), `${page} has no ${anchor}`);
      assert.ok(["warning", "critical"].includes(severity));
    });
  }

  it("are only about systems that are monitored", () => {
    assert.deepStrictEqual(namesOf(NOTHING), ["TargetDown"]);
    assert.deepStrictEqual(namesOf({ ...NOTHING, redis: ["session"] }), [
      ...["TargetDown", "RedisUnreachable", "CacheMissesHigh"],
    ]);
    assert.ok(!namesOf({ ...monitoredUntil(0), certificates: [] }).includes("CertificateNearEnd"));
    assert.ok(!namesOf({ ...monitoredUntil(0), backups: undefined }).includes("BackupTooOld"));
    assert.ok(!namesOf({ ...monitoredUntil(0), postgres: false }).includes("BackupTooOld"));
  });

  it("wait for the last quarter of a certificate that is short-lived", () => {
    const expr = alertsOf(monitoredUntil(0), 8).at(-1)?.expr;
    assert.match(expr ?? "", /< 172800$/);
  });

  it("read the topics of the stack alone, where several share a cluster", () => {
    assert.match(consumerLag("pr-7"), /redpanda_topic=~"pr-7-\.\+"/);
    assert.match(deadLetters("pr-7"), /redpanda_topic=~"pr-7-\.\+-dlq"/);
    assert.doesNotMatch(consumerLag(""), /pr-/);
  });

  it("know the end of each certificate without asking anybody", () => {
    const rules = rulesYaml(monitoredUntil(1_900_000_000), []);
    assert.match(rules, /record: platform_certificate_end_seconds\n +expr: vector\(1900000000\)/);
  });
});
