import { spawnSync } from "node:child_process";
import * as path from "node:path";

import { getBinaryPath } from "squawk-cli/js/index.js";

import type { MigrationFile } from "../migrator/files";
import { type Finding, LintError } from "./finding";

const CONFIG_FILE = path.resolve(".squawk.toml");
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** A finding of Squawk's JSON reporter; line and column count from 0, the column in bytes. */
interface Report {
  line: number;
  column: number;
  message: string;
  help: string | null;
  rule_name: string;
}

/**
 * Finds Squawk's binary, which npm installs for the common platforms only.
 * @throws LintError if there is none for this platform
 */
export function findSquawk(): string {
  try {
    return getBinaryPath();
  } catch (error) {
    throw new LintError(
      `${(error as Error).message}\nWithout it no locking rule is checked. Run the lint on a platform that has it, such as CI.`,
    );
  }
}

/**
 * Checks a file with Squawk's rules as `.squawk.toml` selects them; applies no waiver.
 * @throws LintError if Squawk fails or its output is not JSON
 */
export function runSquawk(file: MigrationFile, binary: string): Finding[] {
  const { status, stdout, stderr, error } = spawnSync(
    binary,
    [
      `--config=${CONFIG_FILE}`,
      file.transactional ? "--assume-in-transaction" : "--no-assume-in-transaction",
      "--reporter=json",
      `--stdin-filepath=${file.path}`,
    ],
    { input: hideMarks(file.sql), encoding: "utf8", maxBuffer: MAX_OUTPUT_BYTES },
  );
  const reports = error ? undefined : parseReports(stdout);
  // Squawk ends with 1 if there are findings, but also if it could not start.
  if ((status !== 0 && status !== 1) || reports === undefined) {
    // Despite its type, stderr is null if the binary did not start.
    const reason =
      (stderr as string | null)?.trim() || (error?.message ?? `it exited with status ${status}`);
    throw new LintError(`Squawk (${binary}) did not lint ${file.path}: ${reason}`);
  }
  const lines = file.sql.split("\n");
  return reports.map((report) => ({
    file: file.path,
    line: report.line + 1,
    column: countCharacters(lines[report.line] ?? "", report.column) + 1,
    rule: report.rule_name,
    message: report.message,
    help: report.help ?? undefined,
  }));
}

function parseReports(stdout: string): Report[] | undefined {
  try {
    return JSON.parse(stdout) as Report[];
  } catch {
    return undefined;
  }
}

/**
 * Hides Squawk's own waivers from it: it accepts them in any comment, for whole files and without a reason. waivers.ts
 * applies them instead. The text keeps its length, so places stay the same.
 */
const hideMarks = (sql: string) => sql.replaceAll("squawk-", "squawk_");

const countCharacters = (line: string, bytes: number) =>
  Array.from(Buffer.from(line).subarray(0, bytes).toString()).length;
