/**
 * Generates docs/schema from sql/, with a PostgreSQL 16 that it starts. It does not use tbls, the known
 * generator: tbls is neither on npm nor on PyPI, so every change of a table would need Go.
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
