import { Pool } from "pg";

import { rowTypes } from "../../../client/src/schema/column-types";
import type { Catalogue } from "../../../tools/schema/catalogue";
import { readCatalogue } from "../../../tools/schema/catalogue";
import { type DatabaseModel, toModel } from "../../../tools/types/model";
import { add, type Row } from "../schema/rows";
import {
  createDatabase,
  type DatabaseName,
  DATABASES,
  type TestDatabase,
} from "../support/databases";
import { addEdgeRows } from "./edge-rows";

/** A database with edge values in each table. */
export interface LiveDatabase {
  name: DatabaseName;
  database: TestDatabase;
  catalogue: Catalogue;
  model: DatabaseModel;
  /** Reads as a service does that uses the types. */
  pool: Pool;
  /** All rows by table, as `pool` reads them. */
  rows: Record<string, Row[]>;
}

/** Makes the four databases. `dropLive` removes them. */
export const createLive = (): Promise<LiveDatabase[]> => Promise.all(DATABASES.map(create));

export const dropLive = (live: LiveDatabase[]) =>
  Promise.all(
    live.map(async ({ pool, database }) => {
      await pool.end();
      await database.drop();
    }),
  );

async function create(name: DatabaseName): Promise<LiveDatabase> {
  const database = await createDatabase(name);
  const client = await database.pool("superuser").connect();
  const catalogue = await readCatalogue(client).finally(() => client.release());
  await addEdgeRows(database.pool("app"), catalogue);
  if (name === "agent_orchestrator_db") {
    await addProgress(database.pool("app"));
  }
  const pool = new Pool({ ...database.connection("superuser"), types: rowTypes });
  const rows: Record<string, Row[]> = {};
  for (const table of catalogue.tables) {
    rows[table.name] = (await pool.query<Row>(`select * from ${table.name} order by id`)).rows;
  }
  return { name, database, catalogue, model: await toModel(name, catalogue), pool, rows };
}

/** A session of which a quarter is done. */
async function addProgress(pool: Pool): Promise<void> {
  const { id } = await add(pool, "learning_sessions");
  for (const stage of [1, 2]) {
    await add(pool, "agent_executions", {
      session_id: id,
      stage_number: stage,
      status: "COMPLETED",
      started_at: "2026-11-27T10:00:00.000001Z",
      completed_at: "2026-11-27T10:02:30Z",
    });
  }
}
