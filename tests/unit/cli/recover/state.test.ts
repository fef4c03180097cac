import assert from "node:assert/strict";

import { archiveFaults, archiveLines, type ArchiveState } from "../../../../cli/recover/state";
import { judgeArchive, judgeServer } from "../../../../cli/verify/archive";

const BACKUP = {
  ...{ id: "b", systemId: "7", timeline: 1, beginTime: "2026-03-01T00:00:00+00:00" },
  ...{ endTime: "2026-03-01T00:00:09+00:00", endLsn: "0/3", bytes: 1 },
};
const stateOf = (more: Partial<ArchiveState> = {}): ArchiveState => ({
  ...{ answered: true, error: null, waitingFiles: 0, waitingSeconds: 0 },
  ...{ backup: BACKUP, backupError: null, gap: null },
  ...more,
});

const FAULTS: [title: string, more: Partial<ArchiveState>, fault: RegExp][] = [
  [
    "WAL that waits",
    { waitingFiles: 3, waitingSeconds: 90, error: "no route" },
    /^3 files of WAL wait, the oldest for 90 s: no route$/,
  ],
  ["an archive that has not answered", { answered: false, error: "403" }, /not answered yet: 403/],
  ["a gap", { gap: "2026-03-01T00:00:00Z" }, /^it has a gap: WAL was given up, last at 2026-03-01/],
  ["a base backup that failed", { backupError: "no space" }, /last base backup failed: no space/],
];

describe("the state of the archive", () => {
  it("is in order while a file was closed just now", () => {
    assert.deepEqual(archiveFaults(stateOf({ waitingFiles: 1, waitingSeconds: 59 })), []);
    assert.deepEqual(
      judgeArchive("c", stateOf()).map(({ verdict, found }) => [verdict, found]),
      [
        ["right", "up to date"],
        ["right", "of 2026-03-01T00:00:09.000Z"],
      ],
    );
  });

  for (const [title, more, fault] of FAULTS) {
    it(`tells of ${title}, in status and verify`, () => {
      const state = stateOf(more);
      assert.equal(archiveFaults(state).length, 1);
      assert.match(archiveFaults(state)[0], fault);
      assert.match(archiveLines(state).at(-1)!, fault);
      assert.ok(judgeArchive("c", state).some(({ verdict }) => verdict === "wrong"));
    });
  }

  it("is unknown without the container, and before the first base backup", () => {
    assert.equal(judgeArchive("c", undefined)[0].verdict, "unknown");
    assert.equal(judgeArchive("c", stateOf({ backup: null }))[1].verdict, "unknown");
  });
});

describe("the archive of a server that exists", () => {
  it("is judged by its last attempt, where the server itself archives", () => {
    const row = { archives: true, fails: false, lastFailed: null };
    assert.equal(judgeServer(row)[0].verdict, "right");
    assert.equal(judgeServer({ ...row, fails: true, lastFailed: "0001" })[0].verdict, "wrong");
    assert.deepEqual(judgeServer({ ...row, archives: false }), []);
  });
});
