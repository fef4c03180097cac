/** The platform's commands beside the same containers by Docker Compose, and beside scripts that do the rest. */
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";

import { run } from "../cli/machine/run";
import type { Outputs } from "../contract/outputs";
import { Checkout } from "../tests/e2e/support/checkout";
import {
  forget,
  loginAsAdministrator,
  type Recipe,
  takeRecipes,
  writeComposeFile,
} from "./baseline/containers";
import { runScripts } from "./baseline/scripts";
import { COMPOSE_VERSION, findCompose, findConfluentKafka, must } from "./baseline/tools";
import { median, seconds } from "./measure";

/** What is measured, in the order in which it is printed, with what issue and design ask for. */
const ROWS = {
  coldUp: { title: "first `npm run up`, images and engine present", unit: "s", goal: 14 },
  noChangeUp: { title: "`npm run up` without a change", unit: "s", goal: 4.5 },
  preview: { title: "`npm run preview`", unit: "s", goal: 4.5 },
  down: { title: "`npm run down`", unit: "s", goal: 8 },
  engineAlone: { title: "first `pulumi up` by hand, after `npm run setup`", unit: "s" },
  compose: { title: `\`docker compose up -d --wait\` (${COMPOSE_VERSION})`, unit: "s" },
  scripts: { title: "the same, and scripts for databases, topics, users and rights", unit: "s" },
  memory: { title: "resident memory of the containers", unit: "MiB" },
} as const;

type Row = keyof typeof ROWS;
type Figures = Record<Row, number[]>;

/** @param rounds each is measured; one more comes first, to warm caches, and does not count */
export async function comparePlatform(rounds: number): Promise<void> {
  const compose = await findCompose();
  if (compose === undefined) {
    console.log("Without Compose the platform is measured alone.");
  } else {
    await findConfluentKafka();
  }
  const checkout = new Checkout();
  const figures = Object.fromEntries(
    Object.keys(ROWS).map((row) => [row, []]),
  ) as unknown as Figures;
  try {
    for (let round = 0; round <= rounds; round++) {
      const measured = await measure(checkout, compose);
      const texts = Object.entries(measured).map(([row, value]) => `${row} ${value.toFixed(1)}`);
      console.log(`round ${round}${round === 0 ? " (not counted)" : ""}: ${texts.join(", ")}`);
      if (round > 0) {
        Object.entries(measured).forEach(([row, value]) => figures[row as Row].push(value));
      }
    }
    console.log(await table(figures, rounds));
  } finally {
    await checkout.cleanUp();
  }
}

async function measure(
  checkout: Checkout,
  compose: string | undefined,
): Promise<Partial<Record<Row, number>>> {
  const coldUp = await seconds(() => checkout.npmOk("up"));
  const noChangeUp = await seconds(() => checkout.npmOk("up"));
  const preview = await seconds(() => checkout.npmOk("preview"));
  const recipes = await takeRecipes("dev");
  const memory = await residentMb(recipes.map(({ name }) => name));
  const outputs = await readOutputs(checkout);
  const down = await seconds(() => checkout.npmOk("down"));
  const engineAlone = await measureEngine(checkout);
  const figures = { coldUp, noChangeUp, preview, down, engineAlone, memory };
  try {
    return { ...figures, ...(compose ? await measureCompose(compose, recipes, outputs) : {}) };
  } finally {
    forget(recipes);
  }
}

/** As the README has it: set up once, then the engine's own command. */
async function measureEngine(checkout: Checkout): Promise<number> {
  const exports = await checkout.npmOk("setup");
  const flags = checkout.devFlags().join(" ");
  const script = `${exports}\ncd '${checkout.root}' && pulumi up --yes --skip-preview --non-interactive ${flags}`;
  const time = await seconds(() => must("bash", ["-c", script]));
  await checkout.npmOk("down");
  return time;
}

async function measureCompose(
  compose: string,
  recipes: Recipe[],
  outputs: Outputs,
): Promise<{ compose: number; scripts: number }> {
  loginAsAdministrator(recipes);
  const folder = mkdtempSync(join(tmpdir(), "learning-platform-compose-"));
  const file = writeComposeFile(recipes, folder);
  const remove = () => run(compose, ["-f", file, "down", "--volumes", "--timeout", "1"]);
  try {
    const up = await seconds(() => must(compose, ["-f", file, "up", "-d", "--wait"]));
    const scripts = await seconds(() => runScripts(recipes, outputs));
    return { compose: up, scripts: up + scripts };
  } finally {
    await remove();
    rmSync(folder, { recursive: true });
  }
}

async function readOutputs(checkout: Checkout): Promise<Outputs> {
  const flags = ["--json", "--show-secrets", "--stack", "dev"];
  const { stdout } = await checkout.pulumi("stack", "output", ...flags);
  return JSON.parse(stdout) as Outputs;
}

/** Resident memory in MiB of the containers together, without the page cache. */
async function residentMb(names: string[]): Promise<number> {
  const format = ["--no-stream", "--format", "{{.MemUsage}}"];
  const units: Record<string, number> = { KiB: 1 / 1024, MiB: 1, GiB: 1024 };
  return (await must("docker", ["stats", ...format, ...names]))
    .split("\n")
    .map((line) => /^([\d.]+)(\w+)/.exec(line))
    .reduce((sum, match) => sum + (match ? Number(match[1]) * (units[match[2]] ?? 0) : 0), 0);
}

/** The table of docs/performance.md. */
async function table(figures: Figures, rounds: number): Promise<string> {
  const rows = (Object.keys(ROWS) as Row[])
    .filter((row) => figures[row].length > 0)
    .map((row) => {
      const { title, unit, ...more } = ROWS[row];
      const values = figures[row];
      const spread = `${Math.min(...values).toFixed(1)} to ${Math.max(...values).toFixed(1)}`;
      const goal = "goal" in more ? `${more.goal} ${unit}` : "";
      return `| ${title} | ${median(values).toFixed(1)} ${unit} | ${spread} | ${goal} |`;
    });
  const ratio = (row: Row, goal: string) =>
    figures[row].length > 0
      ? [
          `| first up to ${ROWS[row].title} | ${(median(figures.coldUp) / median(figures[row])).toFixed(2)} | | ${goal} |`,
        ]
      : [];
  const docker = await must("docker", ["version", "--format", "{{.Server.Version}}"]);
  return [
    "",
    `Medians of ${rounds}, ${cpus().length} processors, ${Math.round(totalmem() / 1024 ** 3)} GiB, Node.js ${process.versions.node}, Docker ${docker}.`,
    "",
    "| what | median | from, to | goal |",
    "| ---- | ------ | -------- | ---- |",
    ...rows,
    ...ratio("compose", ""),
    ...ratio("scripts", "2.2"),
  ].join("\n");
}
