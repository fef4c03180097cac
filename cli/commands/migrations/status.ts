import { Command } from "commander";

import { formatFault } from "../../../migrator";
import { ledgerJson } from "../../migrations/ledger-json";
import { ledgerNotes, ledgerTable } from "../../migrations/ledger-lines";
import type { Ledger } from "../../migrations/ledgers";
import { examples, offlineOption, stackOption, type StackOptions } from "../../options";
import { readLedgersOf } from "./target";

interface StatusOptions extends StackOptions {
  json?: boolean;
}

export const statusCommand = new Command("status")
  .description("show what each ledger has, what would run, and what was changed by hand")
  .argument("[database]", "one database; by default all")
  .addOption(stackOption())
  .addOption(offlineOption())
  .option("--json", "print JSON")
  .addHelpText("after", "\nThe exit code is 1 where an update would be refused.")
  .addHelpText("after", examples("npm run migrations -- status user_service_db --json"))
  .action(async (database: string | undefined, options: StatusOptions) =>
    showStatus(await readLedgersOf(options, database), options.json ?? false),
  );

function showStatus(ledgers: Ledger[], asJson: boolean): void {
  const faults = ledgers.flatMap((ledger) => ledger.status?.faults ?? []);
  const lines = asJson
    ? [JSON.stringify(ledgers.map(ledgerJson), undefined, 2)]
    : [
        ...ledgerTable(ledgers),
        ...ledgers.flatMap(pendingLines),
        ...ledgerNotes(ledgers),
        ...faults.map(formatFault),
      ];
  lines.forEach((line) => console.log(line));
  if (faults.length > 0 || ledgers.some(({ error }) => error !== undefined)) {
    process.exitCode = 1;
  }
}

function pendingLines({ inputs, status }: Ledger): string[] {
  return [
    ...(status?.pending ?? []).map(({ name }) => `${inputs.database}: ${name} is pending`),
    ...(status?.repeatables ?? []).map(
      ({ file, reason }) => `${inputs.database}: ${file.name} will run: ${REASONS[reason]}`,
    ),
  ];
}

const REASONS = {
  new: "it has not run yet",
  changed: "it changed",
  drift: "what it creates may have been changed by hand",
};
