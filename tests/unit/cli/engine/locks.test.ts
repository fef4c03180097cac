import assert from "node:assert/strict";

import { locksIn } from "../../../../cli/engine/locks";
import { engineMessage } from "../../../../cli/engine/messages";

describe("the locks that the engine names", () => {
  it("are read from its message", () => {
    const message = `error: the stack is currently locked by 2 lock(s). Either wait for the other process(es) to end or delete the lock file with \`pulumi cancel\`.
  s3://state/.pulumi/locks/organization/learning-platform/pr-7/6da9.json: created by ana@runner-1 (pid 4283) at 2026-03-10T12:00:00Z
  s3://state/.pulumi/locks/organization/learning-platform/pr-7/7eb0.json: created by ben@example@runner-2 (pid 7) at 2026-03-10T12:01:00+01:00`;
    assert.deepStrictEqual(locksIn(message), [
      { pid: 4283, username: "ana", hostname: "runner-1", timestamp: "2026-03-10T12:00:00Z" },
      {
        pid: 7,
        username: "ben@example",
        hostname: "runner-2",
        timestamp: "2026-03-10T12:01:00+01:00",
      },
    ]);
  });

  it("make one sentence of a refusal that the engine itself prints", () => {
    const printed = `error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with \`pulumi cancel\`.
  s3://state/.pulumi/locks/6da9.json: created by ana@runner-1 (pid 4283) at 2026-03-10T12:00:00Z`;
    assert.match(
      engineMessage(new Error(printed)),
      /^The stack is being changed by process 4283 of ana on runner-1, since 2026-03-10T12:00:00Z\. Wait until it ends\./,
    );
  });

  it("are none in the refusal of a name that exists", () => {
    assert.deepStrictEqual(locksIn("error: a stack named pr-7 already exists"), []);
  });
});
