import { Command } from "commander";

import { offlineOption, stackOption, type StackOptions } from "../options";
import { whileLocked } from "../stack/command-lock";
import { stackExists } from "../stack/settings";
import { removeStack } from "../stack/stack";
import { planUpdate } from "../update/plan-update";

export const preview = new Command("preview")
  .description("show what up would change, and touch nothing")
  .addOption(stackOption())
  .addOption(offlineOption())
  .action((options: StackOptions) =>
    // A preview of a stack that does not exist creates it for the moment, and removes it again.
    stackExists(options.stack)
      ? showPlan(options)
      : whileLocked({ stack: options.stack, command: "preview" }, () => showPlan(options)),
  );

async function showPlan(options: StackOptions): Promise<void> {
  const { opened } = await planUpdate(options, { heal: false });
  if (opened.isNew) {
    await removeStack(opened);
  }
}
