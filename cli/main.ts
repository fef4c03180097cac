import { createCommandLine } from "./command-table";
import { FaultError } from "./fault";
import { exemptLoopback } from "./machine/environment";
import { killRunning } from "./machine/run";
import { codeOf, stopOnSignals, stopping } from "./machine/stopping";
import { failIfUnfinished } from "./machine/unfinished";
import { mark } from "./timings";

async function main(args: string[]): Promise<void> {
  await createCommandLine(args[0]).parseAsync(args, { from: "user" });
}

mark("loaded");
exemptLoopback();
stopOnSignals(killRunning);

process.once("exit", () => mark("end"));
failIfUnfinished(main(process.argv.slice(2))).catch((error: unknown) => {
  const text =
    error instanceof FaultError ? error.message : String((error as Error).stack ?? error);
  console.error(`\nRefused or failed:\n${text}`);
  if (stopping.aborted) {
    console.error("Run the command again to continue.");
  }
  process.exitCode = stopping.aborted ? codeOf(stopping.reason as NodeJS.Signals) : 1;
});
