import type { MigrationFile } from "../migrator/files";
import { ACCEPTED } from "./accepted";
import type { Finding } from "./finding";
import { findSquawk, runSquawk } from "./squawk";
import { checkStatements, SYNTAX_ERROR } from "./statements";
import { applyWaivers, listWaivers, type WaivedRule } from "./waivers";

export { type Finding, formatFinding, LintError } from "./finding";
export type { WaivedRule } from "./waivers";

/**
 * Finds dangerous statements in migrations: locks that stop the services, and loss of data. There are no warnings; a file
 * waives an intended finding and gives the reason.
 * @param files as the runner reads them; they tell which ones run in a transaction
 * @returns findings by file and place
 * @throws LintError if the lint could not run
 */
export async function lintMigrations(
  files: readonly MigrationFile[],
  { binary = findSquawk(), accepted = ACCEPTED } = {},
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const file of files) {
    const found = merge(runSquawk(file, binary), await checkStatements(file));
    const kept = applyWaivers(file, found, accepted);
    findings.push(...kept.sort((a, b) => a.line - b.line || a.column - b.column));
  }
  return findings;
}

/** What the lint does not report because an author gave a reason. */
export const waivedRules = (
  files: readonly MigrationFile[],
  { accepted = ACCEPTED } = {},
): WaivedRule[] => files.flatMap((file) => listWaivers(file, accepted));

/** If PostgreSQL's own grammar refuses a file, Squawk's syntax errors add nothing. */
function merge(squawk: Finding[], statements: Finding[]): Finding[] {
  const isRefused = statements.some(({ rule }) => rule === SYNTAX_ERROR);
  return [...squawk.filter(({ rule }) => !isRefused || rule !== SYNTAX_ERROR), ...statements];
}
