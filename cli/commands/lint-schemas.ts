import { Command } from "commander";

import { examples } from "../options";
import { lintSchemas } from "../schemas/lint";

export const lintSchemaFiles = new Command("lint-schemas")
  .description("find faults in schemas/, and versions that break the ones before them")
  .addHelpText("after", examples("npm run lint"))
  .action(() => {
    const { lines, failed } = lintSchemas();
    lines.forEach((line) => console.log(line));
    process.exitCode = failed ? 1 : 0;
  });
