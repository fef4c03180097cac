/**
 * Prints figures; asserts nothing.
 * `npm run bench [-- ROUNDS]` compares the platform with Docker Compose.
 * `npm run bench -- phases` prints where a run's time goes.
 * `npm run bench -- migrations` compares the migrator with other tools.
 */
import { lastLines } from "../cli/machine/run";
import { compareMigrations } from "./peers/compare";
import { printPhases } from "./phases";
import { comparePlatform } from "./platform";

const [step = "5"] = process.argv.slice(2);
const steps: Record<string, () => Promise<void>> = {
  phases: printPhases,
  migrations: compareMigrations,
};

(steps[step] ?? (() => comparePlatform(Number(step))))().catch((error: unknown) => {
  console.error(lastLines(String((error as Error).stack), 30));
  process.exitCode = 1;
});
