/** Prints how long the platform takes beside the same containers started by hand; asserts nothing. */
import { cpus, totalmem } from "node:os";

import { lastLines, run } from "../cli/machine/run";
import { Checkout } from "../tests/e2e/support/checkout";
import { removeByHand, startByHand, takeRecipes } from "./by-hand";
import { median } from "./measure";

const ROUNDS = Number(process.argv[2] ?? 5);

interface Figures {
  coldUp: number[];
  byHand: number[];
  noChangeUp: number[];
  preview: number[];
  destroy: number[];
  memoryMb: number[];
}

async function seconds(act: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await act();
  return (performance.now() - start) / 1000;
}

/** Resident memory in MiB of the containers together, without the page cache. */
async function residentMb(names: string[]): Promise<number> {
  const { stdout } = await run("docker", [
    "stats",
    "--no-stream",
    "--format",
    "{{.MemUsage}}",
    ...names,
  ]);
  const units: Record<string, number> = { KiB: 1 / 1024, MiB: 1, GiB: 1024 };
  return stdout
    .trim()
    .split("\n")
    .map((line) => /^([\d.]+)(\w+)/.exec(line))
    .reduce((sum, match) => sum + (match ? Number(match[1]) * (units[match[2]] ?? 0) : 0), 0);
}

async function measure(checkout: Checkout, figures: Figures): Promise<void> {
  // The first round warms caches of the file system and of the loaders, and is not counted.
  for (let round = 0; round <= ROUNDS; round++) {
    const coldUp = await seconds(() => checkout.npmOk("up"));
    const recipes = await takeRecipes();
    const noChangeUp = await seconds(() => checkout.npmOk("up"));
    const preview = await seconds(() => checkout.npmOk("preview"));
    const memoryMb = await residentMb(recipes.map(({ name }) => name));
    const destroy = await seconds(() => checkout.npmOk("down"));
    let byHand: number;
    try {
      byHand = await seconds(() => startByHand(recipes));
    } finally {
      await removeByHand(recipes);
    }
    if (round > 0) {
      figures.coldUp.push(coldUp);
      figures.noChangeUp.push(noChangeUp);
      figures.preview.push(preview);
      figures.memoryMb.push(memoryMb);
      figures.destroy.push(destroy);
      figures.byHand.push(byHand);
    }
    console.log(
      `round ${round}${round === 0 ? " (not counted)" : ""}: up ${coldUp.toFixed(1)} s, by hand ${byHand.toFixed(1)} s, ` +
        `up without change ${noChangeUp.toFixed(1)} s, preview ${preview.toFixed(1)} s, destroy ${destroy.toFixed(1)} s, ${memoryMb.toFixed(0)} MiB`,
    );
  }
}

function report(figures: Figures): void {
  const ratio = median(figures.coldUp) / median(figures.byHand);
  const memory = (totalmem() / 1024 ** 3).toFixed(0);
  console.log(`\nMedian of ${ROUNDS}, ${cpus().length} processors, ${memory} GiB:`);
  const row = (title: string, values: number[], unit: string) =>
    console.log(`  ${title.padEnd(42)} ${median(values).toFixed(1).padStart(6)} ${unit}`);
  row("cold up, images and engine present", figures.coldUp, "s");
  row("the same containers by hand, then psql", figures.byHand, "s");
  console.log(`  ${"ratio".padEnd(42)} ${ratio.toFixed(2).padStart(6)}`);
  row("up without a change", figures.noChangeUp, "s");
  row("preview", figures.preview, "s");
  row("destroy", figures.destroy, "s");
  row("resident memory of the containers", figures.memoryMb, "MiB");
}

async function main(): Promise<void> {
  const checkout = new Checkout();
  const figures: Figures = {
    coldUp: [],
    byHand: [],
    noChangeUp: [],
    preview: [],
    destroy: [],
    memoryMb: [],
  };
  try {
    await measure(checkout, figures);
    report(figures);
  } finally {
    await checkout.cleanUp();
  }
}

main().catch((error: unknown) => {
  console.error(lastLines(String((error as Error).stack), 30));
  process.exitCode = 1;
});
