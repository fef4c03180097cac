import { readdirSync } from "node:fs";
import { join } from "node:path";

import { formatFinding, LintError, lintMigrations } from "../../migration-lint";
import { MigrationFilesError } from "../../migrator/errors";
import { type MigrationFile, readMigrations } from "../../migrator/files";
import { ROOT } from "../paths";
import type { PlannedMigrations } from "../plan/plan";

const SQL = join(ROOT, "sql");

/** Lints the files that an update would run. Findings refuse nothing here; without such files there are no lines. */
export async function pendingLintLines(
  migrations: PlannedMigrations[],
  directory = SQL,
): Promise<string[]> {
  const files = migrations
    .filter(({ pending }) => pending.length > 0)
    .flatMap(({ database, pending }) => {
      const names = new Set(pending.map(({ name }) => name));
      return migrationFiles(join(directory, database)).filter(({ name }) => names.has(name));
    });
  if (files.length === 0) {
    return [];
  }
  try {
    const findings = await lintMigrations(files);
    return [
      `Lint of these files: ${counted(findings.length, "finding")}`,
      ...findings.flatMap(formatFinding).map((line) => `  ${line}`),
    ];
  } catch (error) {
    if (error instanceof LintError) {
      return [`These files were not linted: ${error.message}`];
    }
    throw error;
  }
}

/**
 * Lints the migrations of every folder of `directory`, and reports what the runner would refuse.
 * @throws LintError where the lint cannot run
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
      ...findings.flatMap(formatFinding),
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
