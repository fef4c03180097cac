import assert from "node:assert/strict";

import { roomFor, switchScript } from "../../../../cli/recover/switch";
import { Folders, skipOnWindows } from "../../support/folders";

describe("the data that a recovery replaces", () => {
  let folders: Folders;
  before(skipOnWindows);
  beforeEach(() => {
    folders = new Folders();
    folders.write("data", { PG_VERSION: "16", base: "present", extra: "" });
    folders.write("archive/recovery/data", { PG_VERSION: "16", base: "recovered" });
    // Of a switch that was killed.
    folders.write("archive/before-20260101T000000Z.part", { base: "half" });
  });
  afterEach(() => folders.remove());
  const recovery = () => folders.path("archive/recovery");
  const kept = () => folders.path("archive/before-20270101T000000Z");
  const run = (failing?: string) =>
    folders.run(
      switchScript(folders.path("data"), folders.path("archive")),
      [kept(), `${recovery()}/data`, recovery()],
      failing,
    );
  const PRESENT = { PG_VERSION: "16", base: "present", extra: "" };

  it("is kept, and the recovered data is in its place", () => {
    assert.strictEqual(run().status, 0);
    assert.deepStrictEqual(folders.read("data"), { PG_VERSION: "16", base: "recovered" });
    assert.deepStrictEqual(folders.read("archive/before-20270101T000000Z"), PRESENT);
    assert.ok(!folders.exists("archive/recovery"));
    assert.ok(!folders.exists("archive/before-20260101T000000Z.part"));
  });

  it("is untouched where it cannot be kept", () => {
    const { status, stderr } = run(`cp ${folders.path("data")}`);
    assert.deepStrictEqual([status, stderr], [1, "No space left\n"]);
    assert.deepStrictEqual(folders.read("data"), PRESENT);
    assert.ok(!folders.exists("archive/before-20270101T000000Z"));
  });

  it("is kept where the other data does not fit in its place, on which no server starts then", () => {
    assert.notStrictEqual(run(`cp ${recovery()}/data/base`).status, 0);
    assert.deepStrictEqual(folders.read("archive/before-20270101T000000Z"), PRESENT);
    assert.ok(!folders.exists("data/PG_VERSION"));
  });
});

describe("the room that a recovery needs", () => {
  const CASES: [present: number, incoming: number, isThere: boolean, needed: number][] = [
    [10, 10, false, 20],
    // A table was dropped: 50 beside the present 10, which are kept while they give way to 50.
    [10, 50, false, 100],
    [50, 10, false, 60],
    [10, 50, true, 50],
    [50, 10, true, 50],
  ];
  for (const [present, incoming, isThere, needed] of CASES) {
    const where = isThere ? "kept" : "recovered";
    it(`is ${needed} where ${incoming} that are ${where} replace ${present}`, () => {
      assert.strictEqual(roomFor(present, incoming, { isThere }), needed);
    });
  }
});
