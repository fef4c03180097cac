import assert from "node:assert/strict";

import { brokenPromises, figureLines, type Report } from "../../chaos/report";

const nothing = { acknowledged: 1, lost: [], doubled: [] };
const report: Report = {
  ...{ seed: 7, durationMs: 60_000, lastsMs: [1, 2], pausesMs: [1, 2] },
  ...{ startedAt: 0, endedAt: 61_000, busy: [], open: [], crashes: [] },
  faults: [{ kind: "kill", target: "postgres", beganAt: 1_000, inEffectAt: 1_100 }],
  entries: [{ at: 3_500, act: "row", result: "ok", id: "a", place: "users" }],
  findings: {
    ...{ rows: nothing, effects: nothing, events: nothing, received: nothing },
    sessions: { kept: 3, lost: [], lostInTime: ["s"], tooOld: 0 },
  },
};

describe("The report of a run", () => {
  it("names no broken promise where nothing is lost or doubled", () => {
    assert.deepEqual(brokenPromises(report), []);
  });

  const broken: [RegExp, Partial<Report>][] = [
    [/^1 acknowledged rows are lost: r$/, withFindings("rows", { lost: ["r"] })],
    [/^1 rows are there twice: r$/, withFindings("rows", { doubled: ["r"] })],
    [/^1 users have no first session/, withFindings("effects", { lost: ["u"] })],
    [/^1 users have two first sessions/, withFindings("effects", { doubled: ["u"] })],
    [/^1 acknowledged events are not in their topic/, withFindings("events", { lost: ["e"] })],
    [/^1 events are twice in their topic/, withFindings("events", { doubled: ["e"] })],
    [/^1 acknowledged events reached no consumer/, withFindings("received", { lost: ["e"] })],
    [/^1 acknowledged changes of sessions are lost/, withFindings("sessions", { lost: ["s"] })],
    [
      /^1 acts never ended: row: x$/,
      { entries: [{ at: 1, act: "row", result: "hung", reason: "x" }] },
    ],
    [/^1 answers were wrong/, { entries: [{ at: 1, act: "cache", result: "wrong", reason: "x" }] }],
    [/^1 services did not finish: user-service$/, { busy: ["user-service"] }],
    [/^1 services did not close/, { open: ["user-service"] }],
    [/^1 services ended by themselves/, { crashes: ["x"] }],
  ];
  for (const [line, part] of broken) {
    it(`says: ${line.source}`, () => {
      const lines = brokenPromises({ ...report, ...part });
      assert.equal(lines.length, 1);
      assert.match(lines[0], line);
    });
  }

  it("prints the seed, which repeats the faults, and the figures", () => {
    const lines = figureLines(report);
    assert.equal(lines[0], "Seed 7: 1 faults in 61 s");
    assert.ok(
      lines.some((line) => /^kill +postgres +2\.5 +none/.test(line)),
      lines.join("\n"),
    );
    assert.equal(
      lines.at(-1),
      "Sessions: 1 lost within the documented time before a kill, 0 ended by themselves.",
    );
  });
});

function withFindings(part: keyof Report["findings"], found: object): Partial<Report> {
  const { findings } = report;
  return { findings: { ...findings, [part]: { ...findings[part], ...found } } };
}
