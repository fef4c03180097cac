import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { SERVICES } from "../../catalog/services";
import { MigrationFilesError } from "../../migrator/errors";
import { readMigrations } from "../../migrator/files";
import { FaultError, throwIfAny } from "../fault";
import { ROOT } from "../paths";

const DATABASES = Object.values(SERVICES).map(({ database }) => database);
const VERB_OBJECT = /^[a-z][a-z0-9]*(_[a-z0-9]+)+$/;
const LAST_NUMBER = 9999;

// Only comments: the runner refuses a file without a statement, so that a forgotten one is noticed.
const HEADER = `-- Replace these lines by why the change is needed, and what goes wrong without it.
-- Forward only: once applied, this file is never edited again. No "if not exists" and no begin or commit.
-- Lower-case keywords, plural tables, named constraints; each foreign key says "on delete".
-- Comments on new tables, functions and triggers go into repeatable/. No roles, no passwords.
-- A statement that says "concurrently" goes alone into a file that begins with the mark
--   "-- migrate: no-transaction" (without the quotes).
-- What npm run lint finds and is meant is waived on the line above: squawk-ignore rule -- reason
`;

/**
 * Writes the next migration of a database, without a statement yet.
 * @param name verb_object
 * @param sql folder that holds one folder for each database
 * @returns lines for the person who asked: the path and the next step
 * @throws FaultError that lists every fault of the arguments, or of the files that are there
 */
export function writeMigration(database: string, name: string, sql = join(ROOT, "sql")): string[] {
  throwIfAny([
    ...(DATABASES.includes(database)
      ? []
      : [`There is no database "${database}"; the databases are ${DATABASES.join(", ")}.`]),
    ...(VERB_OBJECT.test(name)
      ? []
      : [`A migration is named verb_object (a-z, 0-9 and _), as in add_refunds, not "${name}".`]),
  ]);
  const file = nextFileName(countFiles(join(sql, database)), name);
  writeFileSync(join(sql, database, file), HEADER, { flag: "wx" });
  return [
    `Wrote sql/${database}/${file}`,
    "Now write its statements, then run npm run lint and npm run preview.",
  ];
}

/**
 * Names the file that comes after `present` others.
 * @throws FaultError where its number has more than four digits
 */
export function nextFileName(present: number, name: string): string {
  if (present >= LAST_NUMBER) {
    throw new FaultError([`${LAST_NUMBER} is taken, and it is the last number of four digits.`]);
  }
  return `${String(present + 1).padStart(4, "0")}_${name}.sql`;
}

/** Counts the files of a folder. Nothing is added to a folder with a gap in its numbers, or another fault. */
function countFiles(directory: string): number {
  try {
    return readMigrations(directory).versioned.length;
  } catch (error) {
    throw error instanceof MigrationFilesError ? new FaultError([error.message]) : error;
  }
}
