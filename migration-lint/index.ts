import type { MigrationFile } from "../migrator/files";
import { ACCEPTED } from "./accepted";
import type { Finding } from "./finding";
import { squawkBinary, squawkFindings } from "./squawk";
import { statementFindings, SYNTAX_ERROR } from "./statements";
import { waive } from "./waivers";

export { type Finding, findingLines, LintError } from "./finding";

/**
 * What is dangerous or wrong in migrations: locks that stop the services, and loss of data. Every finding counts; what is
 * meant is waived in the file, with a reason.
 * @param files as the runner reads them, which knows which of them run in a transaction
 * @returns findings by file and place
 * @throws LintError where the files could not be linted
 */
export async function lintMigrations(
  files: readonly MigrationFile[],
  { binary = squawkBinary(), accepted = ACCEPTED } = {},
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const file of files) {
    const found = merged(squawkFindings(file, binary), await statementFindings(file));
    const kept = waive(file, found, accepted);
    findings.push(...kept.sort((a, b) => a.line - b.line || a.column - b.column));
  }
  return findings;
}

/** Where PostgreSQL's own grammar refuses a file, Squawk's guesses about the same place add nothing. */
function merged(squawk: Finding[], statements: Finding[]): Finding[] {
  const isRefused = statements.some(({ rule }) => rule === SYNTAX_ERROR);
  return [...squawk.filter(({ rule }) => !isRefused || rule !== SYNTAX_ERROR), ...statements];
}
