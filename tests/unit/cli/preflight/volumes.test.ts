import assert from "node:assert/strict";

import type { Action, PlannedObject } from "../../../../cli/plan/plan";
import { volumeFaults } from "../../../../cli/preflight/volumes";

const volume = (action: Action): PlannedObject => ({ action, name: "lp-data" });

describe("the volumes of a stack", () => {
  it("may be created, kept, updated and deleted", () => {
    const existing = ["lp-data"];
    for (const action of ["none", "update", "delete"] as const) {
      assert.deepStrictEqual(volumeFaults([volume(action)], existing), [], action);
    }
    assert.deepStrictEqual(volumeFaults([volume("create"), volume("delete")], []), []);
  });

  it("must not be replaced, which would lose their data", () => {
    const [fault, ...others] = volumeFaults([volume("replace")], ["lp-data"]);
    assert.deepStrictEqual(others, []);
    assert.match(fault, /^The volume lp-data would be replaced by an empty one\. .*namePrefix/);
  });

  it("name the way where another version of PostgreSQL replaces the data", () => {
    const [fault] = volumeFaults([{ action: "replace", name: "lp-postgres-17-data" }], []);
    assert.match(fault, /data of PostgreSQL 17: .*npm run upgrade moves the data/);
  });

  it("may be missing where they only hold a copy, which may be in a missing one's place", () => {
    const copy = { action: "none", name: "lp-postgres-replica-1-data" } as const;
    const primary = { action: "none", name: "lp-postgres-data" } as const;
    assert.deepStrictEqual(volumeFaults([primary, copy], [primary.name]), []);
    const [fault] = volumeFaults([primary, copy], [copy.name]);
    assert.match(fault, /^The volume lp-postgres-data is missing.*npm run promote/);
    assert.doesNotMatch(volumeFaults([primary, copy], [])[0], /promote/);
  });

  it("name the archive that can bring a missing one back", () => {
    const archive = { action: "none", name: "lp-wal-archiver-data" } as const;
    const primary = { action: "none", name: "lp-postgres-17-data" } as const;
    const [fault] = volumeFaults([primary, archive], [archive.name]);
    assert.match(fault, /^The volume lp-postgres-17-data is missing.*npm run recover/);
    assert.doesNotMatch(volumeFaults([primary, archive], [])[0], /recover/);
  });

  it("must exist where the stack counts on them", () => {
    for (const action of ["none", "update"] as const) {
      assert.deepStrictEqual(volumeFaults([volume(action)], ["other"]), [
        "The volume lp-data is missing, with all the data in it. Start over: run down, then up.",
      ]);
    }
  });

  it("may be missing where another node has their data, or is a part of the same cache", () => {
    const planned = (...roles: string[]): PlannedObject[] =>
      roles.map((role) => ({ action: "none", name: `lp-${role}-data` }));
    const session = planned("redis-session", "redis-session-replica");
    const cache = planned("redis", "redis-2", "redis-3");
    assert.deepStrictEqual(volumeFaults(session, ["lp-redis-session-data"]), []);
    assert.deepStrictEqual(volumeFaults(session, ["lp-redis-session-replica-data"]), []);
    assert.strictEqual(volumeFaults(session, []).length, 2);
    assert.deepStrictEqual(volumeFaults(cache, ["lp-redis-3-data"]), []);
    assert.strictEqual(volumeFaults(planned("redis-session"), []).length, 1);
    assert.strictEqual(volumeFaults(planned("redis"), ["lp-redis-session-data"]).length, 1);
  });
});
