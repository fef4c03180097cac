/** A minute of faults. `npm run drills -- chaos` is the long form, with faults that another seed chooses. */
import assert from "node:assert/strict";

import { brokenPromises, figureLines } from "../../chaos/report";
import { runChaos } from "../../chaos/run";
import { ChaosStack } from "../../chaos/stack";

const SEED = 19;

describe("A minute of faults", () => {
  let stack: ChaosStack;
  before(async () => {
    stack = await ChaosStack.start("pr-1890");
  });
  after(() => stack?.remove());

  it("loses nothing that was acknowledged, and doubles nothing", async () => {
    const options = {
      ...{ seed: SEED, durationMs: 45_000 },
      lastsMs: [1_000, 3_000] as const,
      pausesMs: [1_000, 3_000] as const,
    };
    const report = await runChaos(stack, options, () => undefined);
    assert.deepEqual(brokenPromises(report), [], figureLines(report).join("\n"));
  });
});
