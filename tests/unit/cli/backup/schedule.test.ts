import assert from "node:assert/strict";

import { judgeComments, lastBackupText } from "../../../../cli/backup/last";
import { type FoundBackup, outdated } from "../../../../cli/backup/list";
import { timeName, timeOf } from "../../../../cli/backup/names";
import { dueIn } from "../../../../cli/backup/schedule";

const NOW = new Date("2026-11-27T12:00:00Z");
const hoursAgo = (hours: number) => new Date(NOW.getTime() - hours * 3_600_000);

const backupOf = (hours: number, isWhole = true): FoundBackup => ({
  folder: `dev/${timeName(hoursAgo(hours))}`,
  at: hoursAgo(hours),
  isWhole,
});

describe("The name of a backup", () => {
  it("is its time to the second", () => {
    assert.equal(timeName(new Date("2026-11-27T11:53:01.234Z")), "20261127T115301Z");
    assert.deepEqual(timeOf("20261127T115301Z"), new Date("2026-11-27T11:53:01Z"));
  });
  it("is no other name", () => {
    for (const name of ["latest", "20261127", "20261127T115301Z.part", "../20261127T115301Z"]) {
      assert.equal(timeOf(name), undefined, name);
    }
  });
});

describe("A backup on a schedule", () => {
  it("is due where there is none, or the last whole one is old enough", () => {
    assert.equal(dueIn([], 24, NOW), undefined);
    assert.equal(dueIn([backupOf(30, true), backupOf(2, false)], 24, NOW), undefined);
    assert.equal(dueIn([backupOf(24)], 24, NOW), undefined);
  });
  it("is due although the schedule starts a little earlier than the last time", () => {
    assert.equal(dueIn([backupOf(23.95)], 24, NOW), undefined);
  });
  it("is not due before, and says until when", () => {
    assert.match(dueIn([backupOf(2)], 24, NOW)!, /before 2026-11-28T10:00:00\.000Z/);
  });
});

describe("Old backups", () => {
  const folders = (backups: FoundBackup[], keep: number) =>
    outdated(backups, keep, NOW).map(({ folder }) => folder);

  it("go but for the newest whole ones", () => {
    const all = [backupOf(72), backupOf(48), backupOf(24)];
    assert.deepEqual(folders(all, 2), [all[0].folder]);
    assert.deepEqual(folders(all, 3), []);
    assert.deepEqual(folders(all, 0), [], "0 keeps all");
  });
  it("that were interrupted go after a day, and count for nothing", () => {
    const all = [backupOf(30, false), backupOf(28), backupOf(2, false)];
    assert.deepEqual(folders(all, 1), [all[0].folder]);
  });
});

describe("The age of the last good backup", () => {
  const note = (hours: number) => `Last good backup: ${hoursAgo(hours).toISOString()}`;

  it("is that of the database whose backup is the oldest", () => {
    const last = judgeComments([note(1), note(30)], 24, NOW);
    assert.deepEqual(last, { at: hoursAgo(30).toISOString(), isLate: false });
    assert.equal(lastBackupText(last), `last good backup ${hoursAgo(30).toISOString()}`);
  });
  it("is too long where half as long again has passed, or more than an hour", () => {
    assert.equal(judgeComments([note(36.1)], 24, NOW).isLate, true);
    assert.equal(judgeComments([note(1.9)], 1, NOW).isLate, false);
    assert.equal(judgeComments([note(2.1)], 1, NOW).isLate, true);
  });
  it("is unknown where one database has none, or another comment", () => {
    assert.deepEqual(judgeComments([note(1), null], 24, NOW), { isLate: true });
    assert.deepEqual(judgeComments([note(1), "ours"], 24, NOW), { isLate: true });
  });
});
