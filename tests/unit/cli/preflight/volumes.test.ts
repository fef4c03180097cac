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

  it("must exist where the stack counts on them", () => {
    for (const action of ["none", "update"] as const) {
      assert.deepStrictEqual(volumeFaults([volume(action)], ["other"]), [
        "The volume lp-data is missing, with all the data in it. Start over: run down, then up.",
      ]);
    }
  });
});
