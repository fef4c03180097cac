import assert from "node:assert/strict";

import { FaultError } from "../../../../cli/fault";
import type { Verdict } from "../../../../cli/report/facts";
import type { Findings } from "../../../../cli/update/findings";
import { policyMessage, violationsIn } from "../../../../policy/message";
import { TYPES } from "../../support/mocks";
import {
  brokerRights,
  container,
  migrations,
  planWith,
  reportOf,
  step,
  topicStep,
} from "./support/findings";
import { ledger } from "./support/ledgers";

const same = planWith([topicStep("same", "a")]);
const file = {
  ...{ name: "0002_b.sql", path: "", checksum: "b", sql: "", transactional: true },
  ...{ statements: [], comments: [] },
};

describe("the verdict of a preview", () => {
  const drift = [{ sentence: "topic a: missing" }];
  const cases: [verdict: Verdict, title: string, findings: Partial<Findings>, error?: unknown][] = [
    ["nothing", "nothing changes", { plan: same }],
    ["incomplete", "a server does not answer", { plan: same, unanswered: ["Redis"] }],
    ["by hand", "only hands changed something", { plan: same, drift, unanswered: ["Redis"] }],
    ["change", "something changes", { plan: planWith([topicStep("create", "a")]), drift }],
    ["outage", "a container is replaced", { plan: planWith([container("replace", "redis")]) }],
    ["outage", "a container is deleted", { plan: planWith([container("delete", "redis")]) }],
    [
      "loss",
      "data is deleted",
      { plan: planWith([container("replace", "redis"), topicStep("delete", "a")]) },
    ],
    [
      "loss",
      "a volume is replaced",
      { plan: planWith([step("replace", TYPES.volume, "v", { name: "v" })]) },
    ],
    ["new", "the stack is new", { isNew: true, plan: planWith([topicStep("create", "a")]) }],
    ["refused", "an update would be refused", { plan: same }, new FaultError(["no"])],
    ["failed", "the preview fails", { plan: same }, new TypeError("no")],
  ];
  for (const [verdict, title, findings, error] of cases) {
    it(`is "${verdict}" where ${title}`, () => {
      assert.strictEqual(reportOf(findings, error).verdict, verdict);
    });
  }
});

describe("the facts of a preview", () => {
  it("are the same for the same plan in another order", () => {
    const steps = [
      topicStep("create", "b"),
      topicStep("delete", "a"),
      container("replace", "redis"),
      container("replace", "postgres"),
      brokerRights("update", "x", ["Read topic t", "Read topic s"], []),
    ];
    assert.deepStrictEqual(
      reportOf({ plan: planWith(steps) }),
      reportOf({ plan: planWith(steps.toReversed()) }),
    );
  });

  it("say that the ledger lacks files which the state has", () => {
    const plan = planWith([migrations("same", "d", { "0001_a.sql": "a" })]);
    const ledgers = [ledger("d", { pending: [file], repeatables: [{ file, reason: "new" }] })];
    assert.deepStrictEqual(reportOf({ plan, ledgers }).byHand, [
      {
        database: "d",
        sentence: "the ledger lacks what the state has; up runs 0002_b.sql, 0002_b.sql",
      },
    ]);
  });

  it("leave out a right that follows from another one, but not one of its own", () => {
    const rights = ["Write topic a", "DescribeConfigs topic a", "DescribeConfigs topic b"];
    const { rights: changed } = reportOf({ plan: planWith([brokerRights("create", "x", rights)]) });
    assert.deepStrictEqual(
      changed.map(({ verb, object }) => `${verb} ${object}`),
      ["see the settings of b", "write a"],
    );
  });

  it("have the message of an unexpected error without its trace", () => {
    const error = new TypeError("no\nmore");
    assert.deepStrictEqual(reportOf({}, error).reasons, ["TypeError: no\nmore"]);
  });

  it("tell the policy's findings from other reasons", () => {
    const error = new FaultError(["other", policyMessage("dev", ["a is b", "c is d"])]);
    const { policy, reasons } = reportOf({}, error);
    assert.deepStrictEqual([policy, reasons], [["a is b", "c is d"], ["other"]]);
  });
});

describe("a message of the policy", () => {
  it("is read out of what the engine puts around it", () => {
    const message = `error: Running program failed:\n${policyMessage("dev", ["a", "b"])}\n\n  at x`;
    assert.deepStrictEqual(violationsIn(message), ["a", "b"]);
  });

  it("has no violations where it is another one", () => {
    assert.deepStrictEqual(violationsIn("a:\n  b"), []);
  });
});
