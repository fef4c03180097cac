/** `npm run docs:configuration`: writes the table of docs/configuration.md from Pulumi.yaml. */
import { writeFileSync } from "node:fs";

import { configurationPage, PAGE } from "./table";

void configurationPage().then((text) => writeFileSync(PAGE, text));
