/**
 * Ten minutes of faults, which `npm run drills -- chaos --minutes 3 --seed 7` makes others. The suite has a short form of it
 * (own-stacks/chaos).
 */
import assert from "node:assert/strict";
import { randomInt } from "node:crypto";

import { brokenPromises, figureLines } from "../chaos/report";
import { runChaos } from "../chaos/run";
import { ChaosStack } from "../chaos/stack";

const minutes = Number(process.env.CHAOS_MINUTES ?? 10);
const seed = Number(process.env.CHAOS_SEED ?? randomInt(2 ** 32));

const say = (line: string) => process.stdout.write(`    ${line}\n`);

describe(`${minutes} minutes of faults, with the seed ${seed}`, function () {
  // Besides the given time, it only waits for what has a limit of its own.
  this.timeout(0);
  let stack: ChaosStack;

  before(async () => {
    stack = await ChaosStack.start("pr-1800", process.env.CHAOS_SETTINGS);
  });
  after(() => stack?.remove());

  it("lose nothing that was acknowledged, and double nothing", async () => {
    const options = {
      ...{ seed, durationMs: minutes * 60_000 },
      lastsMs: [2_000, 12_000] as const,
      pausesMs: [3_000, 8_000] as const,
    };
    const report = await runChaos(stack, options, say);
    figureLines(report).forEach(say);
    assert.deepEqual(brokenPromises(report), []);
  });
});
