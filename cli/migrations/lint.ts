import { readdirSync } from "node:fs";
import { join } from "node:path";

import { findingLines, LintError, lintMigrations } from "../../migration-lint";
import { MigrationFilesError } from "../../migrator/errors";
import { type MigrationFile, readMigrations } from "../../migrator/files";
import { ROOT } from "../paths";
import { type Plan, plannedMigrations } from "../plan/plan";

const SQL = join(ROOT, "sql");

/** What the lint says of the files that an update would run: nothing where there are none. It refuses nothing. */
export async function pendingLintLines(plan: Plan, directory = SQL): Promise<string[]> {
  const files = plannedMigrations(plan)
    .filter(({ files }) => files.length > 0)
    .flatMap(({ database, files }) => {
      const names = new Set(files.map(({ name }) => name));
      return migrationFiles(join(directory, database)).filter(({ name }) => names.has(name));
    });
  if (files.length === 0) {
    return [];
  }
  try {
    const findings = await lintMigrations(files);
    return [
      `Lint of these files: ${counted(findings.length, "finding")}`,
      ...findings.flatMap(findingLines).map((line) => `  ${line}`),
    ];
  } catch (error) {
    if (error instanceof LintError) {
      return [`These files were not linted: ${error.message}`];
    }
    throw error;
  }
}

/**
 * Lints the migrations of every folder of `directory`, and tells what the runner would refuse as well.
 * @throws LintError where that could not be done
 */
export async function lintFolders(directory = SQL): Promise<{ lines: string[]; failed: boolean }> {
  const files: MigrationFile[] = [];
  const refused: string[] = [];
  const folders = readdirSync(directory, { withFileTypes: true }).filter((f) => f.isDirectory());
  for (const { name } of folders) {
    try {
      files.push(...migrationFiles(join(directory, name)));
    } catch (error) {
      if (!(error instanceof MigrationFilesError)) {
        throw error;
      }
      refused.push(error.message);
    }
  }
  const findings = await lintMigrations(files);
  return {
    lines: [
      ...refused,
      ...findings.flatMap(findingLines),
      `${counted(files.length, "migration")} linted: ${counted(findings.length, "finding")}`,
    ],
    failed: refused.length + findings.length > 0,
  };
}

function migrationFiles(directory: string): MigrationFile[] {
  const { versioned, repeatable } = readMigrations(directory);
  return [...versioned, ...repeatable];
}

const counted = (count: number, what: string) =>
  `${count || "no"} ${what}${count === 1 ? "" : "s"}`;
