import { Argument, Command } from "commander";

import { SERVICES } from "../../catalog/services";
import { TOPICS } from "../../catalog/topics";
import { scripts } from "../../package.json";
import { bashScript } from "../completion/bash";
import { completionsOf } from "../completion/words";
import { examples } from "../options";
import { ROOT } from "../paths";

const DATABASES = Object.values(SERVICES).map(({ database }) => database);

/** @param commandLine loads all commands */
export const createCompletion = (commandLine: () => Command) =>
  new Command("completion")
    .description("print a script with which bash completes npm run COMMAND -- ...")
    .addArgument(new Argument("[shell]", "the shell").choices(["bash"]).default("bash"))
    .addHelpText("after", examples('eval "$(npm run -s completion)"'))
    .action(() => {
      const known = { database: DATABASES, topic: Object.keys(TOPICS) };
      process.stdout.write(
        bashScript(ROOT, Object.keys(scripts), completionsOf(commandLine(), known)),
      );
    });
