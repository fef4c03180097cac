import { Command } from "commander";

import { targetOf } from "../../../components/postgres/migration-inputs";
import { baseline, planBaseline } from "../../../migrator";
import { examples, offlineOption, stackOption, type StackOptions, yesOption } from "../../options";
import { confirm } from "../../terminal/confirm";
import { type AnsweringLedger, withLedger } from "./target";

interface BaselineOptions extends StackOptions {
  to?: string;
  yes?: boolean;
}

export const baselineCommand = new Command("baseline")
  .description("record files as applied, without running them")
  .argument("<database>", "a database that has the schema already, and no ledger")
  .addOption(stackOption())
  .addOption(offlineOption())
  .option("--to <NNNN>", "number of the last file to record; by default all are recorded")
  .addOption(yesOption())
  .addHelpText("after", examples("npm run migrations -- baseline user_service_db --to 0003"))
  .action((database: string, options: BaselineOptions) =>
    withLedger(options, database, (ledger) => recordFiles(ledger, options)),
  );

async function recordFiles(
  { inputs, files, status }: AnsweringLedger,
  { to, yes = false }: BaselineOptions,
): Promise<void> {
  const say = (line: string) => console.log(line);
  const { database } = inputs;
  const recorded = planBaseline(files, to);
  const later = status.pending.filter(({ name }) => !recorded.some((file) => file.name === name));
  say(`On ${database}, these files would be recorded as applied, without being run:`);
  recorded.forEach(({ name, checksum }) => say(`  ${name}  sha256:${checksum.slice(0, 12)}`));
  say(
    later.length > 0
      ? `The next up would run: ${later.map(({ name }) => name).join(", ")}, and the repeatable files.`
      : "The next up would run the repeatable files.",
  );
  say("Nothing checks that the database has what these files create; you must know that it does.");
  await confirm(`Record them on ${database}?`, yes);
  await baseline(targetOf(inputs), recorded);
  say(`Recorded ${recorded.length} files on ${database}.`);
}
