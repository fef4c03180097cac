import assert from "node:assert/strict";

import { fit } from "../../../../cli/report/limit";
import { markdownReport } from "../../../../cli/report/markdown";
import { planWith, reportOf, topicStep } from "./support/findings";

describe("a report that is too long", () => {
  const section = (open: string, ...rows: string[]) => ({ open, rows, close: "\n---" });

  it("is whole where it fits", () => {
    assert.strictEqual(
      fit("first", [section("A", "1", "2"), section("B", "3")], 1_000),
      "first\n\nA\n1\n2\n---\n\nB\n3\n---\n",
    );
  });

  it("loses whole rows of the last sections first, and counts them", () => {
    const row = "x".repeat(50);
    const text = fit("first", [section("A", row, row), section("B", row, row, row)], 240);
    assert.strictEqual(
      text,
      `first\n\nA\n${row}\n${row}\n---\n\nB\n---\n\n3 more rows are left out here.\n`,
    );
  });

  it("leaves out a row that never fits, and keeps the others", () => {
    const text = fit("first", [section("A", "x".repeat(500), "short")], 300);
    assert.strictEqual(text, "first\n\nA\nshort\n---\n\n1 more row is left out here.\n");
  });

  it("stays below GitHub's limit for a comment, whatever the names are", () => {
    const names = Array.from({ length: 3_000 }, (_, at) => `topic-${at}-${"\u{1F680}".repeat(50)}`);
    const text = markdownReport(
      reportOf({ plan: planWith(names.map((name) => topicStep("create", name))) }),
    );
    assert.ok(text.length < 65_536 && text.length > 60_000, String(text.length));
    const kept = text.split("\n").filter((line) => line.includes(" | new | ")).length;
    assert.ok(kept > 0);
    assert.ok(text.includes(`${3_000 - kept} more rows are left out here.`));
  });
});
