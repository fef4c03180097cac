import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { ROOT } from "../../cli/paths";
import { withRows } from "./document";
import { ROWS } from "./rows";

const file = join(ROOT, "docs", "verification.md");
writeFileSync(file, withRows(readFileSync(file, "utf8"), ROWS));
