/** A minute of faults. `npm run drills -- chaos` is the long form, with faults that another seed chooses. */
import assert from "node:assert/strict";

import { brokenPromises, figureLines } from "../../chaos/report";
import { runChaos } from "../../chaos/run";
import { SHORT_FORM } from "../../chaos/short-form";
import { ChaosStack } from "../../chaos/stack";

describe("A minute of faults", () => {
  let stack: ChaosStack;
  before(async () => {
    stack = await ChaosStack.start("pr-1890");
  });
  after(() => stack?.remove());

  it("loses nothing that was acknowledged, and doubles nothing", async () => {
    const report = await runChaos(stack, SHORT_FORM, () => undefined);
    assert.ok(report.faults.length > 0);
    assert.deepEqual(brokenPromises(report), [], figureLines(report).join("\n"));
  });
});
