import assert from "node:assert/strict";

import { checkAsyncIo } from "../../../../cli/doctor/docker";
import { fault, ok, warning } from "../../../../cli/doctor/finding";
import { checkPlugins } from "../../../../cli/doctor/installation";
import { describe as describeVerdict } from "../../../../cli/doctor/leftovers";
import { findingLines, summary } from "../../../../cli/doctor/lines";

const PLUGIN = { name: "random", version: "1.2.3", directory: "/x" };

describe("the doctor", () => {
  it("says what to do below each finding, and what --fix would do", () => {
    const fix = { done: "did it", run: () => undefined };
    const findings = [
      ok("Node.js", "22"),
      warning("Locks", "a lock is left", "The next command removes it.", fix),
      fault("Docker", "no engine answers", "Start it.\nOr install it."),
    ];
    assert.deepEqual(findingLines(findings), [
      "ok       Node.js  22",
      "warning  Locks    a lock is left",
      "                  The next command removes it.",
      "                  Or: npm run doctor -- --fix",
      "fault    Docker   no engine answers",
      "                  Start it.",
      "                  Or install it.",
    ]);
    assert.equal(summary(findings), "1 ok, 1 warnings, 1 faults");
  });

  const asyncIo: [title: string, brokers: number, most: number, used: number, level: string][] = [
    ["enough", 1, 65_536, 54_510, "ok"],
    ["too few, because others use them,", 1, 65_536, 54_511, "fault"],
    ["enough for three brokers, three times as many", 3, 65_536, 32_458, "ok"],
    ["too few for three brokers", 3, 65_536, 32_459, "fault"],
  ];
  for (const [title, brokers, most, used, level] of asyncIo) {
    it(`finds ${title} control blocks for a Redpanda`, () => {
      const [finding] = checkAsyncIo(brokers, (name) => (name === "nr" ? used : most));
      assert.equal(finding.level, level);
      assert.equal(
        finding.remedy?.includes("sysctl -w fs.aio-max-nr=") ?? false,
        level === "fault",
      );
    });
  }

  it("says nothing of control blocks where the system has no such limit", () => {
    assert.deepEqual(
      checkAsyncIo(1, () => undefined),
      [],
    );
  });

  it("tells originals, stand-ins, old stand-ins and missing plugins apart", () => {
    const none = { missing: [], reduced: [], stale: [] };
    const findings = (more: Partial<typeof none | Record<string, (typeof PLUGIN)[]>>) =>
      checkPlugins("never", { ...none, ...more }).map(({ level, text, fix }) => [
        level,
        text,
        fix !== undefined,
      ]);
    assert.deepEqual(findings({}), [["ok", "all of them are the originals", false]]);
    assert.deepEqual(findings({ missing: [PLUGIN] }), [
      ["warning", "random 1.2.3 is not installed yet", false],
    ]);
    assert.deepEqual(findings({ reduced: [PLUGIN] }), [
      ["warning", "random 1.2.3 is a stand-in", false],
    ]);
    assert.deepEqual(findings({ reduced: [PLUGIN], stale: [PLUGIN] }), [
      ["warning", "random 1.2.3 is a stand-in of an older kind than this checkout's", true],
    ]);
  });

  it("fixes what has no state, and leaves a stack with its data to a person", () => {
    const verdict = { stack: "pr-7", why: "its state is lost", objects: [] };
    const [lost] = describeVerdict({ ...verdict, remove: "objects" });
    assert.ok(lost.fix);
    const [over] = describeVerdict({ ...verdict, why: "its time was over", remove: "stack" });
    assert.equal(over.fix, undefined);
    assert.match(over.remedy!, /npm run sweep -- --yes/);
    assert.deepEqual(describeVerdict(verdict), []);
  });
});
