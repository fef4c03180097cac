import { markdownTable, median, spread } from "../measure";

/** Seconds that one tool took for a number of files, in each round. */
export interface Times {
  tool: string;
  count: number;
  apply: number[];
  status: number[];
}

/** One row for each tool; for each number of files, the medians with least and greatest values. */
export function migrationsTable(times: readonly Times[]): string {
  const tools = [...new Set(times.map(({ tool }) => tool))];
  const counts = [...new Set(times.map(({ count }) => count))];
  const cell = (values: number[] | undefined) =>
    values === undefined ? "" : `${median(values).toFixed(2)} (${spread(values, 2)})`;
  const rows = tools.map((tool) => [
    tool,
    ...counts.flatMap((count) => {
      const found = times.find((one) => one.tool === tool && one.count === count);
      return [cell(found?.apply), cell(found?.status)];
    }),
  ]);
  const heading = counts.flatMap((count) => [`apply ${count}, s`, `status of ${count}, s`]);
  return markdownTable(
    [["tool", ...heading], ...rows],
    heading.map((_, index) => index + 1),
  );
}
