import { readdirSync } from "node:fs";
import { join } from "node:path";

import {
  type Finding,
  formatFinding,
  LintError,
  lintMigrations,
  type WaivedRule,
  waivedRules,
} from "../../migration-lint";
import { MigrationFilesError } from "../../migrator/errors";
import { type MigrationFile, readMigrations } from "../../migrator/files";
import { ROOT } from "../paths";
import type { PlannedMigrations } from "../plan/plan";

const SQL = join(ROOT, "sql");

/** What the lint says of the files that an update would run. Findings refuse nothing here. */
export interface PendingLint {
  /** Number of these files. */
  files: number;
  findings: Finding[];
  waivers: WaivedRule[];
  /** Why the files were not linted. */
  error?: string;
}

export async function lintPending(
  migrations: PlannedMigrations[],
  root = ROOT,
): Promise<PendingLint> {
  const files = migrations
    .filter(({ pending }) => pending.length > 0)
    .flatMap(({ directory, pending }) => {
      const names = new Set(pending.map(({ name }) => name));
      return migrationFiles(join(root, directory)).filter(({ name }) => names.has(name));
    });
  if (files.length === 0) {
    return { files: 0, findings: [], waivers: [] };
  }
  const found = { files: files.length, findings: [], waivers: waivedRules(files) };
  try {
    return { ...found, findings: await lintMigrations(files) };
  } catch (error) {
    if (error instanceof LintError) {
      return { ...found, error: error.message };
    }
    throw error;
  }
}

/** The lint as a person reads it before an update; no lines where no file would run. */
export function lintLines({ files, findings, error }: PendingLint): string[] {
  if (error !== undefined) {
    return [`These files were not linted: ${error}`];
  }
  return files === 0
    ? []
    : [
        `Lint of these files: ${counted(findings.length, "finding")}`,
        ...findings.flatMap(formatFinding).map((line) => `  ${line}`),
      ];
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
