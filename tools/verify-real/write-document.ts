/** `npm run docs:verification`: writes the rows of docs/verification.md from rows.ts. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { ROOT } from "../../cli/paths";
import { withRows } from "./document";
import { ROWS } from "./rows";

const file = join(ROOT, "docs", "verification.md");
void withRows(readFileSync(file, "utf8"), ROWS).then((text) => writeFileSync(file, text));
