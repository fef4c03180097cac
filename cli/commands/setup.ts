import { Command } from "commander";

import { shellQuoted } from "../connections/shell";
import { refuseOtherEngine } from "../engine/command";
import { engineEnvironment } from "../engine/environment";
import { ENGINE_ROOT } from "../engine/install";
import { throwIfAny } from "../fault";
import { ensureImages } from "../machine/images";
import { examples, offlineOption, stackOption, type StackOptions } from "../options";
import { planNewStack } from "../plan/new-stack";
import { allErrors, previewStack } from "../plan/preview";
import { whileLocked } from "../stack/command-lock";
import { createStack } from "../stack/stack";
import { prepareStack } from "../update/prepare-stack";

export const setup = new Command("setup")
  .description("install what a plain `pulumi up` needs, and print its exports")
  .addOption(stackOption())
  .addOption(offlineOption())
  .addHelpText("after", examples('eval "$(npm run -s setup)"'))
  .action((options: StackOptions) =>
    whileLocked({ stack: options.stack, command: "setup" }, () => prepareEngine(options)),
  );

/** Standard output holds the exports and nothing else, for `eval`. */
async function prepareEngine(options: StackOptions): Promise<void> {
  const say = (line: string) => console.error(line);
  const existing = await prepareStack(options, say);
  const [plan] = await Promise.all([
    existing ? previewStack(existing) : planNewStack(options.stack),
    refuseOtherEngine(),
  ]);
  throwIfAny(allErrors(plan));
  await ensureImages(plan.images, options.offline, say);
  const { configFile } = existing ?? (await createStack(options.stack));
  for (const [key, value] of Object.entries(engineEnvironment())) {
    console.log(`export ${key}=${shellQuoted(value)}`);
  }
  console.log(`export PATH=${shellQuoted(`${ENGINE_ROOT}/bin`)}:"$PATH"`);
  say(`Now run: pulumi up --stack ${options.stack} --config-file ${configFile}`);
}
