import assert from "node:assert/strict";

import { FaultError } from "../../../../cli/fault";
import { removeObjects } from "../../../../cli/sweep/remove";
import { withDocker } from "../support/environment";

const objects = (["volume", "network", "container"] as const).map((kind) => ({
  ...{ kind, id: `${kind}-id`, name: `${kind}-name`, labels: {} },
}));

describe("a sweep of objects", () => {
  it("removes containers with their unnamed volumes, and then what they used", async () => {
    const calls = await withDocker("true", () => removeObjects(objects));
    assert.deepStrictEqual(calls, [
      "rm --force --volumes container-id",
      "network rm network-id",
      "volume rm volume-id",
    ]);
  });

  it("goes on after one that Docker keeps, and reports Docker's reason", async () => {
    const script = `[ "$1" != network ] || { echo 'network-id has active endpoints' >&2; exit 1; }`;
    const calls = await withDocker(script, () =>
      assert.rejects(removeObjects(objects), (error: FaultError) => {
        assert.deepStrictEqual(error.faults, [
          "docker network rm: network-id has active endpoints",
        ]);
        return true;
      }),
    );
    assert.strictEqual(calls.length, 3);
  });
});
