import path from "node:path";

import { createDatabase, type DatabaseName } from "../../tests/sql/support/databases";
import { readCatalogue } from "./catalogue";
import { toMarkdown } from "./markdown";

/** File of a database's reference. */
export const referenceFile = (database: DatabaseName) =>
  path.resolve(__dirname, "../../docs/schema", `${database}.md`);

/** Generates the reference of a database from all its SQL, in a PostgreSQL that the caller has started. */
export async function makeReference(name: DatabaseName): Promise<string> {
  const database = await createDatabase(name);
  try {
    const client = await database.pool("superuser").connect();
    try {
      return toMarkdown(name, await readCatalogue(client));
    } finally {
      client.release();
    }
  } finally {
    await database.drop();
  }
}
