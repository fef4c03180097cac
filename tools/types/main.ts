/**
 * Generates the types of the services in TypeScript and Kotlin, from the schema that sql/ gives in a PostgreSQL 16 that
 * it starts, and from catalog/topics.ts. No known generator turns the lists of checks into unions and enum classes, or
 * sees that both languages agree (kanel 4.0.4, kysely-codegen 0.20.0 and jOOQ 3.19.39 were tried).
 */
import fs from "node:fs/promises";
import path from "node:path";

import { FaultError } from "../../cli/fault";
import { withServer } from "../../tests/sql/support/hooks";
import { makeTypes, presentTypes } from "./files";

async function main(): Promise<void> {
  const made = await makeTypes();
  for (const file of (await presentTypes()).keys()) {
    if (!made.has(file)) {
      await fs.rm(file);
    }
  }
  for (const [file, text] of made) {
    await fs.mkdir(path.dirname(file), { recursive: true });
    await fs.writeFile(file, text);
    console.log(path.relative(process.cwd(), file));
  }
}

withServer({}, main).catch((error: unknown) => {
  console.error(error instanceof FaultError ? error.message : error);
  process.exitCode = 1;
});
