/** Runs the commands on one stack and prints the phases of each. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { lastLines } from "../../cli/machine/run";
import type { Checkout } from "../../tests/e2e/support/checkout";
import { withCheckout } from "../checkout";
import { dockerLine, machineLine } from "../machine";
import type { BenchOptions } from "../options";
import { type Mark, type Phase, phasesOf, phasesTable } from "./phases";

/** The commands of a round, in their order. */
const RUNS: [title: string, command: string][] = [
  ["`npm run up` of a new stack", "up"],
  ["`npm run up` without a change", "up"],
  ["`npm run preview`", "preview"],
  ["`npm run down`", "down"],
];

export async function printPhases({ rounds, stack }: BenchOptions): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "learning-platform-phases-"));
  const found = RUNS.map((): Phase[][] => []);
  await withCheckout(stack, async (checkout) => {
    for (let round = 0; round <= rounds; round++) {
      for (const [index, [, command]] of RUNS.entries()) {
        const phases = await measure(checkout, stack, command, join(folder, `${round}-${index}`));
        if (round > 0) {
          found[index].push(phases);
        }
      }
      console.log(`round ${round} of ${rounds}${round === 0 ? " (not counted)" : ""}`);
    }
  }).finally(() => rmSync(folder, { recursive: true }));
  console.log(`\nMedians of ${rounds}. ${machineLine()}, ${await dockerLine(stack)}.`);
  console.log("Lines with a hyphen are parts of the engine's work, or of the plan; they overlap.");
  RUNS.forEach(([title], index) => console.log(`\n${title}:\n\n${phasesTable(found[index])}`));
}

async function measure(
  checkout: Checkout,
  stack: string,
  command: string,
  file: string,
): Promise<Phase[]> {
  const begun = performance.now();
  const { code, stdout, stderr } = await checkout.npm(command, ["--stack", stack], {
    PLATFORM_TIMINGS: file,
  });
  const wholeMs = performance.now() - begun;
  if (code !== 0 || !existsSync(file)) {
    throw new Error(`npm run ${command} ended with ${code}:\n${lastLines(stdout + stderr, 30)}`);
  }
  const lines = readFileSync(file, "utf8").trim().split("\n");
  return phasesOf(
    lines.map((line) => JSON.parse(line) as Mark),
    wholeMs,
  );
}
