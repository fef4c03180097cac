import { type Plan, plannedMigrations } from "../plan/plan";

const SHORT_HASH = 12;

/** A line a file that an update would run, below its database. */
export function migrationLines(plan: Plan): string[] {
  return plannedMigrations(plan)
    .filter(({ files }) => files.length > 0)
    .flatMap(({ database, files, isNew }) => [
      `Migrations to run on ${database}${isNew ? ", which is new to the stack" : ""}:`,
      ...files.map(({ name, checksum }) => `  ${name}  sha256:${checksum.slice(0, SHORT_HASH)}`),
    ]);
}
