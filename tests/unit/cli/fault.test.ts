import assert from "node:assert/strict";

import { FaultError } from "../../../cli/fault";

describe("a fault that a person must fix", () => {
  it("lists everything that was found, each with its further lines below", () => {
    const error = new FaultError(["Port 80 is taken.\nStop that.", "No Docker."]);
    assert.strictEqual(error.message, "- Port 80 is taken.\n  Stop that.\n- No Docker.");
    assert.strictEqual(error.name, "FaultError");
    assert.ok(error instanceof Error);
  });
});
