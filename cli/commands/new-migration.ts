import { Command } from "commander";

import { writeMigration } from "../migrations/new-file";

/** Its name is that of the npm script. */
export const newMigration = new Command("migration")
  .description("write the next migration file of a database, without a statement yet")
  .argument("<database>", "folder in sql/")
  .argument("<name>", "verb_object, as in add_refunds")
  .action((database: string, name: string) =>
    writeMigration(database, name).forEach((line) => console.log(line)),
  );
