import { Command, Option } from "commander";

import { targetOf } from "../../../components/postgres/migration-inputs";
import { describeRepair, type Repair, repair, repairable } from "../../../migrator";
import {
  collect,
  examples,
  offlineOption,
  stackOption,
  type StackOptions,
  yesOption,
} from "../../options";
import { confirm } from "../../terminal/confirm";
import { type AnsweringLedger, withLedger } from "./target";

/** Repairs of one file, in the order in which they are made. */
const FILE_REPAIRS = {
  finished: "an unfinished statement took effect",
  rerun: "an unfinished statement did not take effect, and must run again",
  renamed: "an applied file has this name now",
  late: "a pending file may run although its number is below an applied one",
  applied: "a pending file was run by hand; use --accept-drift for what it created",
  accept: "a file was edited in a way that needs no change of the database",
  forget: "a file is gone for good; use --applied for a file in its place",
} as const;

type FileRepair = keyof typeof FILE_REPAIRS;
const KINDS = Object.keys(FILE_REPAIRS) as FileRepair[];

interface RepairOptions extends StackOptions, Partial<Record<FileRepair, string[]>> {
  acceptDrift?: boolean;
  yes?: boolean;
}

export const repairCommand = new Command("repair")
  .description("correct the ledger of a database; without a repair, show which ones are possible")
  .argument("<database>", "the database whose ledger is wrong")
  .addOption(stackOption())
  .addOption(offlineOption());
for (const kind of KINDS) {
  repairCommand.addOption(new Option(`--${kind} <file>`, FILE_REPAIRS[kind]).argParser(collect));
}
repairCommand
  .option("--accept-drift", "keep what was changed by hand")
  .addOption(yesOption())
  .addHelpText(
    "after",
    examples(
      "npm run migrations -- repair user_service_db",
      "npm run migrations -- repair user_service_db --accept 0002_add_phone.sql",
    ),
  )
  .action((database: string, options: RepairOptions) =>
    withLedger(options, database, (ledger) => repairLedger(ledger, options)),
  );

async function repairLedger(
  { inputs, files, status }: AnsweringLedger,
  options: RepairOptions,
): Promise<void> {
  const say = (line: string) => console.log(line);
  const { database } = inputs;
  const repairs = chosenRepairs(options);
  if (repairs.length === 0) {
    const choices = possibleRepairs(status);
    say(
      choices.length > 0 ? `Possible repairs of ${database}:` : `${database}: nothing to repair.`,
    );
    choices.forEach((line) => say(`  ${line}`));
    return;
  }
  say(`On ${database}:`);
  repairs.forEach((each) => say(`  ${describeRepair(each)}`));
  if (options.acceptDrift) {
    differences(status).forEach((line) => say(`    ${line}`));
  }
  await confirm(`Do this to the ledger of ${database}?`, options.yes ?? false);
  await repair(targetOf(inputs), files, repairs);
  say(`Repaired the ledger of ${database}.`);
}

/** What was changed by hand, and which rights are not as designed. */
const differences = ({ drift = [], rights }: AnsweringLedger["status"]) =>
  [...drift, ...rights].map(({ object, state }) => `${object}: ${state}`);

function chosenRepairs(options: RepairOptions): Repair[] {
  return [
    ...KINDS.flatMap((kind) => (options[kind] ?? []).map((name): Repair => ({ kind, name }))),
    ...(options.acceptDrift ? [{ kind: "accept-drift" } as const] : []),
  ];
}

function possibleRepairs(status: AnsweringLedger["status"]): string[] {
  const fits = repairable(status);
  // A pending file is no fault, and only a person knows whether it was run by hand.
  const kinds = KINDS.filter((kind) => kind !== "applied");
  const choices = kinds.flatMap((kind) => fits[kind].map((name): Repair => ({ kind, name })));
  return [
    ...choices.map(
      (each) => `--${each.kind} ${"name" in each ? each.name : ""}: ${describeRepair(each)}`,
    ),
    ...(differences(status).length > 0
      ? [
          `--accept-drift: ${describeRepair({ kind: "accept-drift" })}:`,
          ...differences(status).map((line) => `  ${line}`),
        ]
      : []),
  ];
}
