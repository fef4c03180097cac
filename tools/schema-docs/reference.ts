import path from "node:path";

import type { DatabaseName } from "../../tests/sql/support/databases";
import { readSchema } from "../schema/read";
import { toMarkdown } from "./markdown";

/** File of a database's reference. */
export const referenceFile = (database: DatabaseName) =>
  path.resolve(__dirname, "../../docs/schema", `${database}.md`);

/** Generates the reference of a database from all its SQL, in a PostgreSQL that the caller has started. */
export async function makeReference(name: DatabaseName): Promise<string> {
  return toMarkdown(name, await readSchema(name));
}
