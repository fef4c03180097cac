import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { type Finding, lintMigrations } from "../../../../migration-lint";
import { type MigrationFile, readMigrations } from "../../../../migrator/files";

/** Text of each file, by its path below the folder. */
export type Contents = Record<string, string>;

/** Hands a folder with these files to `use`, and removes it afterwards. */
export async function withFiles<T>(
  contents: Contents,
  use: (folder: string) => T | Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(path.join(tmpdir(), "migrations-"));
  try {
    for (const [name, text] of Object.entries(contents)) {
      const file = path.join(folder, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const NO_TRANSACTION = "-- migrate: no-transaction\n";

/** A file as the runner reads it; its path is its name. */
export const migration = (sql: string, name = "0001_change_things.sql"): Promise<MigrationFile> =>
  withFiles({ [name]: sql }, (folder) => {
    const { versioned, repeatable } = readMigrations(folder);
    const [file] = [...versioned, ...repeatable];
    return { ...file, path: name };
  });

/** Findings of one file. */
export const lint = async (
  sql: string,
  options: Parameters<typeof lintMigrations>[1] = {},
): Promise<Finding[]> => lintMigrations([await migration(sql)], { accepted: [], ...options });

/** Names of the rules that have something to say of one file. */
export const rulesOf = async (sql: string): Promise<string[]> =>
  (await lint(sql)).map(({ rule }) => rule);
