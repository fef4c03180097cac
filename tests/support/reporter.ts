import path from "node:path";

import { type MochaOptions, reporters, Runner, type Suite } from "mocha";

const { EVENT_SUITE_BEGIN, EVENT_SUITE_END, EVENT_RUN_END } = Runner.constants;

/** Files that took less are not worth a line. */
const LEAST_SECONDS = 1;

/** Mocha's spec reporter, followed by the time that each file took with its hooks, the slowest file first. */
class SpecWithTimes extends reporters.Spec {
  constructor(runner: Runner, options?: MochaOptions) {
    super(runner, options);
    const secondsByFile = new Map<string, number>();
    let start = 0;
    runner.on(EVENT_SUITE_BEGIN, (suite) => {
      if (isOutermost(suite)) {
        start = performance.now();
      }
    });
    runner.on(EVENT_SUITE_END, (suite) => {
      if (isOutermost(suite)) {
        const file = path.relative(process.cwd(), suite.file ?? "");
        const seconds = (performance.now() - start) / 1000;
        secondsByFile.set(file, (secondsByFile.get(file) ?? 0) + seconds);
      }
    });
    runner.once(EVENT_RUN_END, () => {
      timeLines(secondsByFile).forEach((line) => process.stdout.write(`${line}\n`));
    });
  }
}

const isOutermost = ({ parent }: Suite) => parent?.root === true;

/** One line per file, the slowest first. */
export function timeLines(secondsByFile: ReadonlyMap<string, number>): string[] {
  return [...secondsByFile]
    .filter(([, seconds]) => seconds >= LEAST_SECONDS)
    .sort(([, a], [, b]) => b - a)
    .map(([file, seconds]) => `${seconds.toFixed(1).padStart(8)} s  ${file}`);
}

export default SpecWithTimes;
