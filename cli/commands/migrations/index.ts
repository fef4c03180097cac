import { Command } from "commander";

import { baselineCommand } from "./baseline";
import { repairCommand } from "./repair";
import { statusCommand } from "./status";

export const migrations = new Command("migrations")
  .helpCommand(false)
  .description("show or correct the ledgers of the stack's databases; runs no migration")
  .addCommand(statusCommand)
  .addCommand(baselineCommand)
  .addCommand(repairCommand);
