import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { FaultError } from "../../../../cli/fault";
import { dataLossFaults } from "../../../../cli/preflight/data-loss";
import type { Report } from "../../../../cli/report/facts";
import { markdownReport } from "../../../../cli/report/markdown";
import { policyMessage } from "../../../../policy/message";
import { TYPES } from "../../support/mocks";
import {
  brokerRights,
  container,
  databaseRights,
  migrations,
  planWith,
  reportOf,
  step,
  topic,
  topicStep,
} from "./support/findings";
import { ledger } from "./support/ledgers";

const HASH = "78b4242fb6cd000000000000000000000000000000000000000000000000000f";

const app = (table: string[]) => ({ payment_service_app: { database: ["CONNECT"], table } });

const redisUser = (op: "create" | "update", rules: string[], old = rules) =>
  step(
    op,
    TYPES.redisUser,
    "redis-user-service",
    { username: "user-service", password: "[secret]", rules },
    { username: "user-service", password: "[secret]", rules: old },
  );

const lostTopic = planWith([topicStep("delete", "old-events"), topicStep("same", "user-events")]);

/** The report of each golden file. */
const REPORTS: Record<string, () => Report> = {
  "nothing-to-change": () => reportOf({ plan: planWith([topicStep("same", "user-events")]) }),

  "new-stack": () =>
    reportOf({
      isNew: true,
      plan: planWith([
        step("create", TYPES.network, "platform-network", { name: "lp-network" }),
        container("create", "postgres", "lp-postgres-data"),
        topicStep("create", "user-events"),
        brokerRights("create", "user-service", [
          "Write topic user-events",
          "DescribeConfigs topic user-events",
          "Read group user-service.*",
        ]),
        redisUser("create", ["~user-service:*", "+@all", "-@admin"]),
        migrations("create", "user_service_db", { "0001_create_users.sql": HASH }),
      ]),
    }),

  outage: () =>
    reportOf({
      plan: planWith([
        container("replace", "postgres", "lp-postgres-data", { memory: 1024 }),
        container("replace", "redpanda-console", undefined, { image: "b" }),
        container("delete", "old"),
        container("same", "redis", "lp-redis-data"),
      ]),
    }),

  "lost-topic": () =>
    reportOf(
      { plan: lostTopic, allowDataLoss: [] },
      new FaultError(dataLossFaults(lostTopic.losses, [])),
    ),

  "lost-topic-allowed": () =>
    reportOf({
      allowDataLoss: ["old-events", "payment-events"],
      plan: planWith([
        topicStep("delete", "old-events"),
        topicStep("replace", "payment-events", topic("payment-events", 1, 365), {
          ...topic("payment-events", 2, 365),
        }),
      ]),
    }),

  migrations: () =>
    reportOf({
      plan: planWith([
        migrations(
          "update",
          "payment_service_db",
          { "0001_a.sql": "a", "0004_add_refunds.sql": HASH, "0005_drop_notes.sql": HASH },
          { "0001_a.sql": "a" },
        ),
      ]),
      ledgers: [ledger("payment_service_db", {})],
      lint: {
        files: 2,
        findings: [
          {
            ...{ file: "sql/payment_service_db/0004_add_refunds.sql", line: 3, column: 1 },
            ...{ rule: "require-concurrent-index-creation", help: "Write concurrently." },
            message: "During normal index creation, table updates are blocked.",
          },
        ],
        waivers: [
          {
            ...{ file: "sql/payment_service_db/0005_drop_notes.sql", line: 2 },
            ...{ rule: "ban-drop-column", reason: "never written, see #12" },
          },
        ],
      },
    }),

  "by-hand": () =>
    reportOf({
      plan: planWith([
        migrations("same", "payment_service_db", { "0001_a.sql": "a" }),
        migrations("same", "user_service_db", { "0001_a.sql": "a" }),
        migrations("same", "content_service_db", { "0001_a.sql": "a" }),
      ]),
      drift: [{ sentence: "topic user-events: retention.ms is 1000, should be 2592000000" }],
      unanswered: ["Kafka API at localhost:19092"],
      ledgers: [
        ledger("payment_service_db", {
          drift: [
            {
              ...{ object: "index by_hand_idx on invoices", state: "extra" },
              found: {
                ...{ kind: "index", name: "by_hand_idx", partOf: "invoices" },
                definition: "CREATE INDEX with a definition of somebody",
              },
            },
          ],
          rights: [
            {
              ...{ object: "grant on table invoices to payment_service_readonly" },
              ...{ state: "altered", expected: "SELECT", found: "DELETE, SELECT" },
              statement: "revoke delete on invoices from payment_service_readonly",
            },
          ],
        }),
        ledger("user_service_db", { drift: undefined }),
        ledger("content_service_db", undefined, "cannot connect to localhost:5432"),
      ],
    }),

  rights: () =>
    reportOf({
      plan: planWith([
        brokerRights(
          "update",
          "payment-service",
          ["Read topic user-events", "DescribeConfigs topic user-events"],
          ["Write topic system-events", "DescribeConfigs topic system-events"],
        ),
        databaseRights("update", "payment_service_db", app(["SELECT"]), app(["DELETE", "SELECT"])),
        redisUser(
          "update",
          ["~user-service:*", "+@all", "-@admin"],
          [...["~user-service:*", "+@all", "-@admin", "-scan"]],
        ),
        topicStep("update", "user-events", topic("user-events", 6, 7), topic("user-events", 3, 30)),
        topicStep("create", "refund-events", topic("refund-events", 1, 1)),
      ]),
    }),

  policy: () =>
    reportOf(
      {
        plan: { ...planWith([container("same", "redis")]), errors: ["..."] },
        notes: ["Note: this container engine does not enforce memory limits."],
      },
      new FaultError([
        policyMessage("dev", [
          'docker:index/remoteImage:RemoteImage x: image is "redis:latest"; allowed: a digest.',
          "docker:index/volume:Volume y: protect is false; allowed: true.",
        ]),
      ]),
    ),

  warnings: () =>
    reportOf({
      leftForUp: new Set(["lp-redis"]),
      allowDataLoss: ["old-events"],
      plan: planWith(
        [
          topicStep("update", "a", topic("a", 2, 1), topic("a", 1, 1)),
          { ...topicStep("same", "b"), protect: { now: true } },
        ],
        ["x is deprecated"],
      ),
    }),

  failed: () => reportOf({ isNew: undefined }, new TypeError("no state at postgres://u:p@h/db")),

  refused: () =>
    reportOf(
      { isNew: undefined },
      new FaultError(["Docker does not answer.\nStart it: ```dockerd```", "learning-platform:tls"]),
    ),

  "hostile-names": () =>
    reportOf({
      plan: planWith([
        topicStep("create", "a|b`c\\d", topic("a|b`c\\d", 1, 1)),
        topicStep("create", "<img src=x onerror=alert(1)>", topic("<!-- x --><b>", 1, 1)),
        topicStep("create", "line\n\n# breaks", topic("line\n\n# breaks\u202e", 1, 1)),
        migrations("update", "d", { "0001_@team_#1.sql": HASH }, {}),
      ]),
      drift: [{ sentence: "role [x](http://evil) | *y* @team #1 www.evil.example <b>: missing" }],
    }),
};

const GOLDEN = path.join(__dirname, "golden");

/** UPDATE_GOLDEN=1 writes the files anew, for a person to read. */
function assertGolden(name: string, text: string): void {
  const file = path.join(GOLDEN, `${name}.md`);
  if (process.env.UPDATE_GOLDEN) {
    writeFileSync(file, text);
  }
  assert.strictEqual(text, readFileSync(file, "utf8"));
}

describe("a Markdown report", () => {
  for (const [name, report] of Object.entries(REPORTS)) {
    it(`is as in golden/${name}.md`, () => assertGolden(name, markdownReport(report())));
  }

  it("is as in golden/cut.md where it is too long", () => {
    const names = Array.from({ length: 40 }, (_, at) => `topic-${at}`);
    const plan = planWith([
      container("replace", "postgres", "lp-postgres-data"),
      ...names.map((name) => topicStep("create", name)),
    ]);
    const text = markdownReport(reportOf({ plan }), 1_500);
    assert.ok(text.length <= 1_500);
    assertGolden("cut", text);
  });
});
