import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

import { run } from "../../cli/machine/run";
import type { TestOutcome } from "./row";

interface JsonTest {
  fullTitle: string;
  file?: string | null;
  err: { message?: string };
}

/** The output of mocha's JSON reporter. It lists a failed hook among the failures. */
export interface MochaJson {
  passes: JsonTest[];
  failures: JsonTest[];
  pending: JsonTest[];
}

export function outcomesOf({ passes, failures, pending }: MochaJson): TestOutcome[] {
  const of = (tests: JsonTest[], state: TestOutcome["state"]) =>
    tests.map(({ file, fullTitle, err }): TestOutcome => ({
      file: basename(file ?? ""),
      fullTitle,
      state,
      message: err.message?.split("\n")[0],
    }));
  return [...of(passes, "passed"), ...of(failures, "failed"), ...of(pending, "skipped")];
}

/**
 * Runs the whole e2e suite, without a stop at the first failure, because each row has its own tests.
 * @param files globs, for a part of the suite
 * @returns the results of its tests, or why there are none if mocha itself failed
 */
export async function runSuite(
  files = ["tests/e2e/**/*.test.ts"],
): Promise<{ outcomes: TestOutcome[]; fault?: string }> {
  const directory = mkdtempSync(join(tmpdir(), "learning-platform-verify-"));
  const output = join(directory, "tests.json");
  try {
    const { stderr } = await run(process.execPath, [
      require.resolve("mocha/bin/mocha.js"),
      ...["--require", "tsx/cjs", "--no-config", "--timeout", "600000"],
      ...["--require", "tests/e2e/support/hooks.ts"],
      ...["--reporter", "json", "--reporter-option", `output=${output}`],
      ...files,
    ]);
    try {
      return { outcomes: outcomesOf(JSON.parse(readFileSync(output, "utf8")) as MochaJson) };
    } catch {
      return { outcomes: [], fault: `mocha wrote no report: ${stderr.trim().slice(-500)}` };
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
