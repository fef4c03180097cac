/** A replica takes the place of a primary whose volume is lost. */
import assert from "node:assert/strict";

import { docker } from "../e2e/support/docker";
import { ReplicatedStack } from "../e2e/support/replicated-stack";

const STACK = "promotion-drill";

describe("A replica of PostgreSQL", () => {
  let on: ReplicatedStack;
  before(async () => {
    on = new ReplicatedStack(STACK);
    await on.configure("protect: false", "postgresReplicas: 1");
    await on.write("kept");
    await on.sees("kept");
  });
  after(() => on.checkout.cleanUp(STACK));

  it("takes the place of its primary, whose volume is lost, and follows it again", async () => {
    const primary = `${on.prefix}-postgres`;
    await docker("rm", "-f", primary);
    await docker("volume", "rm", `${primary}-data`);
    const { code, stderr } = await on.checkout.npm("up", ["--stack", STACK]);
    assert.equal(code, 1);
    assert.match(stderr, /volume \S+ is missing.*npm run promote/s);
    await on.checkout.npmOk("promote", ["postgres-replica-1", "--stack", STACK, "--yes"]);
    await on.checkout.npmOk("up", ["--stack", STACK]);
    assert.deepEqual(await on.titles(on.app()), ["kept"]);
    await on.write("later");
    await on.sees("later");
  });
});
