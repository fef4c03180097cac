import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

import { right, unknown, wrong } from "../../../../cli/verify/finding";
import { markdownReport } from "../../../../cli/verify/markdown";
import { type Report, summary } from "../../../../cli/verify/report";
import { tableReport } from "../../../../cli/verify/table";

/** The report of each pair of golden files. `UPDATE_GOLDEN=1` writes them again. */
const REPORTS: Record<string, Report> = {
  right: summary("dev", [
    { area: "containers", ...right("container learning-platform-redis", "healthy") },
    { area: "broker", ...right("topic user-events", "3 partitions, retention 30 d") },
  ]),
  "wrong-and-unknown": summary("dev", [
    {
      area: "containers",
      ...unknown("container learning-platform-redis", "no Docker Engine answers"),
    },
    { area: "databases", ...right("table user_service_db.users", "8 columns") },
    {
      area: "broker",
      ...wrong(
        "topic user-events",
        "3 partitions, retention 1000 ms",
        "3 partitions, retention 30 d",
      ),
    },
    { area: "functions", ...wrong("db: function f(a | b)", "missing\n<script>", "there") },
  ]),
};

describe("the report of verify on paper", () => {
  for (const [name, report] of Object.entries(REPORTS)) {
    const texts = { txt: `${tableReport(report).join("\n")}\n`, md: markdownReport(report) };
    for (const [ending, text] of Object.entries(texts)) {
      it(`is golden/${name}.${ending}`, () => {
        const file = path.join(__dirname, "golden", `${name}.${ending}`);
        if (process.env.UPDATE_GOLDEN) {
          writeFileSync(file, text);
        }
        assert.strictEqual(text, readFileSync(file, "utf8"));
      });
    }
  }
});
