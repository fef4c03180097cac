/** The commands of the cli on a stack, whose service gets the same files on top of its own. */
import { readdirSync, rmSync, writeFileSync } from "node:fs";

import { docker } from "../../cli/machine/docker-command";
import { lastLines } from "../../cli/machine/run";
import type { Checkout } from "../../tests/e2e/support/checkout";
import { withCheckout } from "../checkout";
import { seconds } from "../measure";
import type { BenchOptions } from "../options";
import { generateFiles, LAYOUTS } from "./files";
import type { Times } from "./table";

const DATABASE = "payment_service_db";
const TITLE = "`npm run up`, `npm run migrations -- status`";

/** @returns nothing where there is no Docker; the reason is printed */
export async function measureCommands(
  counts: readonly number[],
  { rounds, stack }: BenchOptions,
): Promise<Times[]> {
  const { code, stderr } = await docker(["version"]);
  if (code !== 0) {
    console.log(`${TITLE} are left out: ${lastLines(stderr, 1)}`);
    return [];
  }
  const times = counts.map((count): Times => ({ tool: TITLE, count, apply: [], status: [] }));
  await withCheckout(stack, async (checkout) => {
    for (let round = 0; round <= rounds; round++) {
      for (const { count, apply, status } of times) {
        const measured = await measure(checkout, stack, count);
        if (round > 0) {
          apply.push(measured.apply);
          status.push(measured.status);
        }
      }
    }
  });
  return times;
}

/** Creates a stack, gives one of its databases more files, and destroys it. */
async function measure(checkout: Checkout, stack: string, count: number) {
  const command = (...words: string[]) =>
    checkout.npmOk(words[0], [...words.slice(1), "--stack", stack]);
  await command("up");
  const written = writeMore(checkout.path("sql", DATABASE), count);
  const apply = await seconds(() => command("up"));
  const status = await seconds(() => command("migrations", "status", DATABASE));
  await command("down");
  written.forEach((file) => rmSync(file));
  return { apply, status };
}

/** Adds files after those of a folder. @returns their paths */
function writeMore(folder: string, count: number): string[] {
  const present = readdirSync(folder).filter((name) => name.endsWith(".sql")).length;
  return generateFiles(count).map((file, index) => {
    const { name, text } = LAYOUTS.migrator(file, present + index + 1);
    const path = `${folder}/${name}`;
    writeFileSync(path, text);
    return path;
  });
}
