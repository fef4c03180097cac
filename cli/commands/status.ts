import { Command } from "commander";

import { ledgerJson } from "../migrations/ledger-json";
import { examples, stackOption } from "../options";
import { statusLines } from "../status/lines";
import { type NextStep, nextSteps } from "../status/next-steps";
import { readStatus, type Status } from "../status/status";

export const status = new Command("status")
  .description("show what runs, what is pending, what was changed by hand, and what to do next")
  .addOption(stackOption())
  .option("--json", "print JSON")
  .addHelpText(
    "after",
    "\nIt changes nothing, and ends with 0 whatever it shows." +
      examples("npm run status", "npm run -s status -- --stack pr-7 --json"),
  )
  .action(async ({ stack, json }: { stack: string; json?: boolean }) => {
    const found = await readStatus(stack);
    const steps = nextSteps(found);
    const lines = json
      ? [JSON.stringify(statusJson(found, steps), undefined, 2)]
      : statusLines(found, steps);
    lines.forEach((line) => console.log(line));
  });

/** The status without what only this program needs: labels, files, passwords. */
const statusJson = ({ containers, ledgers, drift, ...rest }: Status, next: NextStep[]) => ({
  ...rest,
  containers: containers.map(({ name, role, status: state, health }) => ({
    ...{ name, role, status: state, health },
  })),
  ledgers: ledgers.map(ledgerJson),
  drift: drift.map(({ sentence, fault, advice }) => ({ sentence, fault, advice })),
  next,
});
