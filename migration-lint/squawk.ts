import { spawnSync } from "node:child_process";
import * as path from "node:path";

import { getBinaryPath } from "squawk-cli/js/index.js";

import type { MigrationFile } from "../migrator/files";
import { type Finding, LintError } from "./finding";

const CONFIG_FILE = path.join(__dirname, "../.squawk.toml");
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** What Squawk's JSON reporter says of one place; line and column count from 0, the column in bytes. */
interface Report {
  line: number;
  column: number;
  message: string;
  help: string | null;
  rule_name: string;
}

/**
 * Path of Squawk's binary, which npm installs for the common platforms only.
 * @throws LintError where there is none for this one
 */
export function squawkBinary(): string {
  try {
    return getBinaryPath();
  } catch (error) {
    throw new LintError(
      `${(error as Error).message}\nWithout it no locking rule is checked. Lint on a platform that has it, such as CI.`,
    );
  }
}

/**
 * Findings of Squawk's rules, as `.squawk.toml` has them, with no waiver applied.
 * @throws LintError where Squawk does not run or is not understood
 */
export function squawkFindings(file: MigrationFile, binary: string): Finding[] {
  const { status, stdout, stderr, error } = spawnSync(
    binary,
    [
      `--config=${CONFIG_FILE}`,
      file.transactional ? "--assume-in-transaction" : "--no-assume-in-transaction",
      "--reporter=json",
      `--stdin-filepath=${file.path}`,
    ],
    { input: withoutMarks(file.sql), encoding: "utf8", maxBuffer: MAX_OUTPUT_BYTES },
  );
  const reports = error ? undefined : parsed(stdout);
  // 1 says that there are findings, but also that Squawk could not start.
  if ((status !== 0 && status !== 1) || reports === undefined) {
    // A binary that did not start has no output, whatever the type says.
    const reason =
      (stderr as string | null)?.trim() || (error?.message ?? `it ended with status ${status}`);
    throw new LintError(`Squawk (${binary}) did not lint ${file.path}: ${reason}`);
  }
  const lines = file.sql.split("\n");
  return reports.map((report) => ({
    file: file.path,
    line: report.line + 1,
    column: characters(lines[report.line] ?? "", report.column) + 1,
    rule: report.rule_name,
    message: report.message,
    help: report.help ?? undefined,
  }));
}

function parsed(stdout: string): Report[] | undefined {
  try {
    return JSON.parse(stdout) as Report[];
  } catch {
    return undefined;
  }
}

/**
 * Squawk obeys its marks in any comment, for a whole file too, and asks for no reason. It is not shown
 * them: waivers.ts reads them. Every place stays where it is.
 */
const withoutMarks = (sql: string) => sql.replaceAll("squawk-", "squawk_");

const characters = (line: string, bytes: number) =>
  Array.from(Buffer.from(line).subarray(0, bytes).toString()).length;
