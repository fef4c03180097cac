import { Command } from "commander";

import { offlineOption, stackOption, type StackOptions } from "../options";
import { planUpdate } from "../update/plan-update";

export const preview = new Command("preview")
  .description("show what up would change, and touch nothing")
  .addOption(stackOption())
  .addOption(offlineOption())
  .action(async (options: StackOptions) => void (await planUpdate(options, { heal: false })));
