import { Command } from "commander";

import { writeMigration } from "../migrations/new-file";
import { examples } from "../options";

/** Its name is that of the npm script. */
export const newMigration = new Command("migration")
  .description("write the next migration file of a database, without a statement yet")
  .argument("<database>", "folder in sql/")
  .argument("<name>", "verb_object, as in add_refunds")
  .addHelpText("after", examples("npm run migration -- user_service_db add_last_login"))
  .action((database: string, name: string) =>
    writeMigration(database, name).forEach((line) => console.log(line)),
  );
