import { createDatabase, type DatabaseName } from "../../tests/sql/support/databases";
import { type Catalogue, readCatalogue } from "./catalogue";

/** Reads the schema that all SQL of a database gives, from a PostgreSQL that the caller has started. */
export async function readSchema(name: DatabaseName): Promise<Catalogue> {
  const database = await createDatabase(name);
  try {
    const client = await database.pool("superuser").connect();
    try {
      return await readCatalogue(client);
    } finally {
      client.release();
    }
  } finally {
    await database.drop();
  }
}
