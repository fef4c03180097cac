/**
 * Writes docs/schema from sql/, by way of a PostgreSQL 16 that is started for it. Not by tbls, the known
 * generator: it is neither on npm nor on PyPI, and whoever changes a table would need Go for it.
 */
import fs from "node:fs/promises";
import path from "node:path";

import { DATABASES } from "../../tests/sql/support/databases";
import { withServer } from "../../tests/sql/support/hooks";
import { makeReference, referenceFile } from "./reference";

async function main(): Promise<void> {
  for (const name of DATABASES) {
    const file = referenceFile(name);
    await fs.mkdir(path.dirname(file), { recursive: true });
    await fs.writeFile(file, await makeReference(name));
    console.log(path.relative(process.cwd(), file));
  }
}

withServer({}, main).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
