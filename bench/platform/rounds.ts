/** The commands on one stack beside the engine alone, the same containers without the platform, and scripts. */
import { setTimeout as sleep } from "node:timers/promises";

import { topicsWith } from "../../catalog/topics";
import { lastLines } from "../../cli/machine/run";
import { stackConfiguration } from "../../cli/stack/settings";
import type { Checkout } from "../../tests/e2e/support/checkout";
import { readOutputs } from "../../tests/e2e/support/hooks";
import { forget, loginAsAdministrator, takeRecipes } from "../baseline/containers";
import { countsOf, differences, type Inventory, readInventory } from "../baseline/inventory";
import { prepareScripts, runScripts } from "../baseline/scripts";
import { findStarter, type Starter } from "../baseline/starter";
import type { Target } from "../baseline/target";
import { withCheckout } from "../checkout";
import { dockerLine, machineLine } from "../machine";
import { seconds } from "../measure";
import type { BenchOptions } from "../options";
import { type Figures, figuresTable, roundLine, type Row } from "./figures";
import { idleLoad } from "./idle";
import { residentMb } from "./memory";

type Measured = Partial<Record<Row, number>>;

interface Baseline {
  starter: Starter;
  /** Whether the scripts can run here. */
  scripts: boolean;
}

export async function comparePlatform({ rounds, stack }: BenchOptions): Promise<void> {
  const baseline = { starter: await findStarter(), scripts: await canRunScripts() };
  const figures: Figures = {};
  await withCheckout(stack, async (checkout) => {
    for (let round = 0; round <= rounds; round++) {
      const measured = await measure(checkout, stack, baseline);
      console.log(roundLine(round, measured));
      if (round > 0) {
        Object.entries(measured).forEach(([row, value]) =>
          (figures[row as Row] ??= []).push(value),
        );
      }
    }
  });
  console.log(`\nMedians of ${rounds}. ${machineLine()}, ${await dockerLine(stack)}.\n`);
  console.log(figuresTable(figures, baseline.starter.title));
}

async function canRunScripts(): Promise<boolean> {
  try {
    await prepareScripts();
    return true;
  } catch (error) {
    console.log(`The scripts are left out: ${(error as Error).message}`);
    return false;
  }
}

async function measure(checkout: Checkout, stack: string, baseline: Baseline): Promise<Measured> {
  const command = (name: string) => seconds(() => checkout.npmOk(name, ["--stack", stack]));
  const coldUp = await command("up");
  const noChangeUp = await command("up");
  const preview = await command("preview");
  const recipes = await takeRecipes(stack);
  try {
    const memory = await residentMb(recipes.map(({ name }) => name));
    const idle = await idleLoad();
    const topics = topicsWith(stackConfiguration(stack).extraTopics);
    const target = { recipes, topics, outputs: await readOutputs(checkout, stack) };
    const inventory = await readInventory(target);
    const down = await command("down");
    return {
      ...{ coldUp, noChangeUp, preview, down },
      ...(await measureEngine(checkout, stack)),
      ...(await measureBaseline(baseline, target, inventory)),
      ...{ idle, memory },
    };
  } finally {
    forget(recipes);
  }
}

/** As docs/running.md has it: set up once, then the engine's own command. */
async function measureEngine(checkout: Checkout, stack: string): Promise<Measured> {
  const setup = await seconds(() => checkout.npmOk("setup", ["--stack", stack]));
  const file = checkout.path(".platform", `Pulumi.${stack}.yaml`);
  const flags = ["--yes", "--skip-preview", "--stack", stack, "--config-file", file];
  const engineAlone = await seconds(async () => {
    const { code, stdout, stderr } = await checkout.pulumi("up", ...flags);
    if (code !== 0) {
      throw new Error(`pulumi up ended with ${code}:\n${lastLines(stdout + stderr, 30)}`);
    }
  });
  await checkout.npmOk("down", ["--stack", stack]);
  return { setup, engineAlone };
}

async function measureBaseline(
  { starter, scripts }: Baseline,
  target: Target,
  stack: Inventory,
): Promise<Measured> {
  const { recipes } = target;
  loginAsAdministrator(recipes);
  try {
    const containers = await seconds(() => starter.start(recipes));
    if (!scripts) {
      return { containers };
    }
    const rest = await seconds(() => runScripts(target));
    await requireSame(stack, target);
    return { containers, containersAndScripts: containers + rest };
  } finally {
    await starter.remove(recipes);
  }
}

/** A broker shows new rights some time after it has accepted them. */
const SETTLING_MS = 5_000;
const POLL_MS = 200;

/** @throws Error where the scripts did not do the work of the stack, so that their time says nothing */
async function requireSame(stack: Inventory, target: Target): Promise<void> {
  const deadline = Date.now() + SETTLING_MS;
  let scripts = await readInventory(target);
  while (differences(stack, scripts).length > 0 && Date.now() < deadline) {
    await sleep(POLL_MS);
    scripts = await readInventory(target);
  }
  const different = differences(stack, scripts);
  if (different.length > 0) {
    throw new Error(
      [
        `The scripts made ${countsOf(scripts)}, the stack ${countsOf(stack)}:`,
        ...different.slice(0, 20),
      ].join("\n"),
    );
  }
  console.log(`Scripts and stack made the same: ${countsOf(stack)}.`);
}
