import assert from "node:assert/strict";

import {
  type Archive,
  type BaseBackup,
  choosePath,
  missedMoment,
} from "../../../../cli/recover/archive";

const NOW = new Date("2026-03-05T12:00:00Z");

const backup = (id: string, endTime: string, more: Partial<BaseBackup> = {}): BaseBackup => ({
  ...{ id, endTime, beginTime: endTime, systemId: "7", timeline: 1, endLsn: "0/5000100", bytes: 1 },
  ...more,
});
const MONDAY = backup("monday", "2026-03-02T00:00:00+00:00");
const TUESDAY = backup("tuesday", "2026-03-03T00:00:00+00:00", { endLsn: "0/9000100" });
const server = { systemId: "7", timeline: 1, history: "" };
const archive = (more: Partial<Archive> = {}): Archive => ({
  ...{ server, backups: [MONDAY, TUESDAY] },
  ...more,
});
const chosen = (from: Archive, moment: string) => {
  const path = choosePath(from, moment === "latest" ? moment : new Date(moment), NOW);
  return typeof path === "string" ? path : [path.backup.id, path.timeline, path.isSameServer];
};

describe("the way of a recovery", () => {
  it("begins with the newest base backup that ended before the moment", () => {
    assert.deepEqual(chosen(archive(), "2026-03-02T10:00:00Z"), ["monday", "1", true]);
    assert.deepEqual(chosen(archive(), "2026-03-03T00:00:00Z"), ["tuesday", "1", true]);
    assert.deepEqual(chosen(archive(), "latest"), ["tuesday", "1", true]);
  });

  const REFUSED: [title: string, from: Archive, moment: string, reason: RegExp][] = [
    [
      "that lies ahead",
      archive(),
      "2026-03-05T12:00:01Z",
      /lies in the future: it is 2026-03-05T12/,
    ],
    [
      "before the first base backup",
      archive(),
      "2026-03-01T23:59:59Z",
      /is before the first base backup, which ended at 2026-03-02T00:00:00.000Z/,
    ],
    ["without any base backup", archive({ backups: [] }), "latest", /has no base backup yet/],
    [
      "on a timeline without a base backup",
      archive({ server: { ...server, timeline: 3 } }),
      "latest",
      /no base backup of the server's timeline 3/,
    ],
  ];
  for (const [title, from, moment, reason] of REFUSED) {
    it(`refuses a moment ${title}, and says that nothing was changed`, () => {
      const answer = chosen(from, moment);
      assert.match(String(answer), reason);
      assert.match(String(answer), /Nothing was changed\./);
    });
  }

  it("stays on the server's timeline after a recovery was taken back", () => {
    const abandoned = backup("abandoned", "2026-03-04T00:00:00+00:00", { timeline: 2 });
    const from = archive({ backups: [MONDAY, TUESDAY, abandoned] });
    assert.deepEqual(chosen(from, "latest"), ["tuesday", "1", true]);
  });

  it("passes base backups that were made before the server left their timeline, and no later ones", () => {
    const left = { ...server, timeline: 3, history: "1\t0/8000000\tbefore 2026-03-02\n" };
    assert.deepEqual(chosen(archive({ server: left }), "latest"), ["monday", "3", true]);
  });

  it("takes the newest timeline where the volume holds another server, or none", () => {
    for (const lost of [null, { ...server, systemId: "8" }]) {
      assert.deepEqual(chosen(archive({ server: lost }), "latest"), ["tuesday", "latest", false]);
    }
  });
});

describe("a recovery that missed its moment", () => {
  // Lines of PostgreSQL 16.14.
  const LOG = [
    "2026-03-05 11:00:00.000 UTC [30] LOG:  redo done at 0/70000A0",
    "2026-03-05 11:00:00.000 UTC [30] LOG:  last completed transaction was at log time 2026-03-05 10:59:01.2+00",
    "2026-03-05 11:00:00.000 UTC [30] FATAL:  recovery ended before configured recovery target was reached",
  ].join("\n");

  it("says where the archive ends", () => {
    assert.equal(
      missedMoment(LOG, NOW),
      "The archive ends with a transaction of 2026-03-05 10:59:01.2+00, before 2026-03-05T12:00:00.000Z. " +
        "Nothing was changed. Take an earlier moment, or --to latest.",
    );
  });

  it("says so where no transaction followed the base backup", () => {
    const without = LOG.split("\n").filter((line) => !line.includes("last completed"));
    assert.match(
      missedMoment(without.join("\n"), NOW)!,
      /has no transaction after the base backup/,
    );
  });

  it("is told from a recovery that failed otherwise", () => {
    assert.equal(
      missedMoment("FATAL:  could not locate required checkpoint record", NOW),
      undefined,
    );
  });
});
