/**
 * Prints how long the platform takes beside Docker Compose; asserts nothing. `npm run bench [-- ROUNDS]`.
 * `npm run bench -- phases` prints where a run's time goes.
 */
import { lastLines } from "../cli/machine/run";
import { printPhases } from "./phases";
import { comparePlatform } from "./platform";

const [step = "5"] = process.argv.slice(2);

(step === "phases" ? printPhases() : comparePlatform(Number(step))).catch((error: unknown) => {
  console.error(lastLines(String((error as Error).stack), 30));
  process.exitCode = 1;
});
