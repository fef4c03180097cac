import assert from "node:assert/strict";

import { FaultError } from "../../../../cli/fault";
import { createReport, type Report } from "../../../../cli/report/facts";
import { markdownReport } from "../../../../cli/report/markdown";
import { scrubbed } from "../../../../cli/report/scrub";
import { noFindings } from "../../../../cli/update/findings";
import { TYPES } from "../../support/mocks";
import type { Step } from "../support/events";
import { COMMIT, planWith, step } from "./support/findings";
import { ledger } from "./support/ledgers";

const SECRET = "hunter2-planted";
const LOGIN = `postgres://admin:${SECRET}@db.example:5432/x`;

/** Inputs of any type of resource, with a secret in everything that a report has no reason to show. */
const PLANTED = {
  ...{ name: LOGIN, username: LOGIN, principal: LOGIN, database: LOGIN },
  ...{ password: SECRET, adminPassword: SECRET, host: SECRET, trusted: SECRET, image: SECRET },
  envs: [`POSTGRES_PASSWORD=${SECRET}`],
  uploads: [{ file: "/etc/x", content: SECRET }],
  command: ["--requirepass", SECRET],
  healthcheck: { tests: ["CMD", "redis-cli", "-a", SECRET] },
  labels: [{ label: "x", value: SECRET }],
  volumes: [{ volumeName: LOGIN, hostPath: SECRET }],
  config: { "retention.ms": "1", "sasl.jaas.config": SECRET },
  rights: { [`Read topic "${LOGIN}"`]: "allow", "Read topic x": SECRET },
  roles: { r: { settings: { x: SECRET } } },
  rules: [`>${SECRET}`, `#${SECRET}`, "+@all"],
  versioned: { [`0001_${LOGIN}`]: "a" },
};

const steps = (op: "create" | "update" | "replace" | "delete"): Step[] =>
  [...Object.values(TYPES), "other:index/thing:Thing"].map((type) =>
    step(op, type, `x-${LOGIN}`, PLANTED, { ...PLANTED, partitions: 2, rules: [], rights: {} }),
  );

function reports(): Report[] {
  return (["create", "update", "replace", "delete"] as const).flatMap((op) => {
    const plan = planWith(steps(op), [`see ${LOGIN}`]);
    const findings = {
      ...noFindings(),
      plan: { ...plan, errors: [LOGIN] },
      drift: [{ sentence: `Kafka API: cannot log in at ${LOGIN}` }],
      unanswered: [LOGIN],
      ledgers: [ledger("d", undefined, `cannot connect: password=${SECRET}`)],
      leftForUp: new Set([LOGIN]),
      notes: [`{"password": "${SECRET}"}`],
      lint: {
        ...{ files: 1, error: LOGIN },
        findings: [{ file: LOGIN, line: 1, column: 1, rule: LOGIN, message: LOGIN, help: SECRET }],
        waivers: [{ file: LOGIN, line: 1, rule: LOGIN, reason: LOGIN }],
      },
    };
    return [undefined, new Error(LOGIN), new FaultError([LOGIN, `token=${SECRET}`])].map((error) =>
      createReport({ stack: "dev", commit: COMMIT, findings, error }),
    );
  });
}

describe("a report of a plan full of secrets", () => {
  it("shows none of them, in either form", () => {
    for (const report of reports()) {
      for (const text of [markdownReport(report), JSON.stringify(report)]) {
        assert.ok(text.includes("db.example"), "names are shown");
        assert.ok(!text.includes(SECRET), text.slice(Math.max(0, text.indexOf(SECRET) - 200)));
      }
    }
  });

  const texts: [text: string, shown: string][] = [
    ["at redis://:a@b@host:1/0 and x", "at redis://***@host:1/0 and x"],
    ["PGPASSWORD=abc psql", "PGPASSWORD=*** psql"],
    ["?access_token=abc&x=1", "?access_token=***&x=1"],
    ['{"adminPassword": "a b"}', '{"adminPassword": ***}'],
    ["Authorization: Bearer abcdefgh1234", "Authorization: Bearer ***"],
    ["a ghs_abcDEF123 b", "a *** b"],
    ["x -----BEGIN EC PRIVATE KEY-----\nabc\n-----END EC PRIVATE KEY----- y", "x *** y"],
    ["topic token-events: missing", "topic token-events: missing"],
    ["https://host/path and a@b", "https://host/path and a@b"],
  ];
  for (const [text, shown] of texts) {
    it(`writes ${JSON.stringify(shown)}`, () => assert.strictEqual(scrubbed(text), shown));
  }
});
