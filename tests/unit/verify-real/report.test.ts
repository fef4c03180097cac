import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { contains, type Part } from "../../../tools/verify-real/parts";
import {
  conclusion,
  type Judged,
  markdownReport,
  plainReport,
  type Report,
} from "../../../tools/verify-real/report";
import type { Result, TestOutcome } from "../../../tools/verify-real/row";
import { outcomesOf } from "../../../tools/verify-real/suite";

const redpanda = { name: "redpanda", title: "redpanda:v1", version: "sha256:1" } as const;
const standIn: Part = { ...redpanda, standIn: "Apache Kafka" };
const judged = (verdict: Result["verdict"]): Judged => ({
  row: { id: "x", what: "The broker starts", parts: ["redpanda"] },
  result: { verdict, seen: "a | b" },
});
const outcome = (state: TestOutcome["state"]): TestOutcome => ({
  file: "4-x.test.ts",
  fullTitle: "The broker sends",
  state,
  message: "401 == 403",
});
const report = (change: Partial<Report>): Report => ({
  parts: [redpanda],
  judged: [judged("ok")],
  outcomes: [outcome("passed")],
  ...change,
});

describe("the report of a verification", () => {
  const cases: [title: string, change: Partial<Report>, code: number, text: RegExp][] = [
    ["is 0 if every row is ok on real parts", {}, 0, /^VERIFIED: 1 rows/],
    ["is 1 if a row differs", { judged: [judged("differs")] }, 1, /1 rows differ/],
    ["is 1 if a test failed", { outcomes: [outcome("failed")] }, 1, /1 tests failed/],
    [
      "is 1 if a row differs on a stand-in",
      { parts: [standIn], judged: [judged("differs")] },
      1,
      /^NOT/,
    ],
    [
      "is 2 if a row could not be checked",
      { judged: [judged("could not tell")] },
      2,
      /could not be checked/,
    ],
    ["is 2 if a part is a stand-in", { parts: [standIn] }, 2, /^NOT .* 1 parts are STAND-INS/],
    ["is 2 if no test ran", { outcomes: [] }, 2, /nothing was run/],
    ["is 2 if all tests were skipped", { outcomes: [outcome("skipped")] }, 2, /nothing/],
    ["is 2 without a row", { judged: [] }, 2, /nothing was run/],
  ];
  for (const [title, change, code, text] of cases) {
    it(`has an exit code that ${title}`, () => {
      const found = conclusion(report(change));
      assert.strictEqual(found.code, code);
      assert.match(found.text, text);
    });
  }

  it("names stand-ins beside the part and beside each row that used one", () => {
    const full = report({ parts: [standIn], outcomes: [outcome("passed"), outcome("failed")] });
    for (const text of [plainReport(full), markdownReport(full)]) {
      assert.match(text, /STAND-IN: Apache Kafka/);
      assert.match(text, /STAND-IN redpanda/);
      assert.match(text, /NOT VERIFIED/);
      assert.match(text, /e2e: 1 passed, 1 failed, 0 skipped/);
      assert.match(text, /4-x\.test\.ts: The broker sends: 401 == 403/);
    }
    assert.match(
      markdownReport(full),
      /\| The broker starts \| ok \| STAND-IN redpanda \| a \\\| b \|/,
    );
    assert.doesNotMatch(plainReport(report({})), /STAND-IN/);
  });

  it("reads tests from mocha's report, with a failed hook as a failure", () => {
    const test = { fullTitle: "A b", file: "/x/tests/e2e/4-x.test.ts", err: {} };
    const failure = { ...test, fullTitle: '"before all" hook', err: { message: "no\nmore" } };
    assert.deepStrictEqual(
      outcomesOf({ passes: [test], failures: [failure], pending: [test] }).map(
        ({ file, fullTitle, state, message }) => [file, fullTitle, state, message],
      ),
      [
        ["4-x.test.ts", "A b", "passed", undefined],
        ["4-x.test.ts", '"before all" hook', "failed", "no"],
        ["4-x.test.ts", "A b", "skipped", undefined],
      ],
    );
  });

  it("recognises a large plugin that was built here, also if the mark is split between two reads", async () => {
    const directory = mkdtempSync(path.join(tmpdir(), "learning-platform-parts-"));
    try {
      const file = path.join(directory, "plugin");
      writeFileSync(
        file,
        Buffer.concat([Buffer.alloc(4 * 1024 * 1024 - 3), Buffer.from("built-here")]),
      );
      assert.strictEqual(await contains(file, "built-here"), true);
      assert.strictEqual(await contains(file, "built-there"), false);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
