/** Writes the drawing of docs/architecture.md from the imports of the code. */
import { writeFileSync } from "node:fs";

import { architectureDocument, DOCUMENT } from "./drawing";

writeFileSync(DOCUMENT, architectureDocument());
