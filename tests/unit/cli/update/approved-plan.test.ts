import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { createReport, type Report } from "../../../../cli/report/facts";
import { differences, readApproved } from "../../../../cli/update/approved-plan";
import { noFindings } from "../../../../cli/update/findings";
import { planOf } from "../support/plan";

const TOPIC = { type: "kafka:index/topic:Topic", name: "user-events" };

const report = (op: "update" | "create" | "delete", hash = "abc"): Report =>
  createReport({
    stack: "prod",
    commit: { hash, isEdited: false },
    findings: { ...noFindings(), isNew: false, plan: planOf({ ...TOPIC, op, now: {}, old: {} }) },
  });

describe("an approved plan", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "approved-"));
  const file = path.join(folder, "plan.json");
  after(() => rmSync(folder, { recursive: true }));

  const approve = (facts: unknown) => {
    writeFileSync(file, JSON.stringify(facts));
    return readApproved(file);
  };

  it("is the same as a later one with the same facts", () => {
    const approved = approve(report("update"));
    assert.deepStrictEqual(differences(approved, report("update")), []);
  });

  it("differs from one of another commit, or with another change", () => {
    const approved = approve(report("update"));
    assert.deepStrictEqual(differences(approved, report("update", "def")), ["commit"]);
    const names = differences(approved, report("create"));
    assert.ok(names.includes("resources") && names.includes("counts"), names.join());
  });

  it("differs where a fact was left out or added", () => {
    const less = { ...report("update"), rights: undefined };
    assert.deepStrictEqual(differences(approve(less), report("update")), ["rights"]);
    const more = { ...report("update"), other: 1 };
    assert.deepStrictEqual(differences(approve(more), report("update")), ["other"]);
  });

  it("is refused where the file has something else, or is not there", () => {
    for (const facts of [null, [], {}, { verdict: "change", stack: "prod" }]) {
      assert.throws(() => approve(facts), /plan\.json is not a plan: npm run -s preview/);
    }
    assert.throws(() => readApproved(path.join(folder, "none")), /The plan .*none cannot be read/);
  });
});
