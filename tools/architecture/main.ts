/** `npm run docs:architecture`: writes the drawings of docs/architecture.md from the imports of the code. */
import { writeFileSync } from "node:fs";

import { DOCUMENT, drawArchitecture } from "./drawing";

void drawArchitecture().then((text) => writeFileSync(DOCUMENT, text));
