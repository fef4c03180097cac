import { readFileSync } from "node:fs";

/** The middle one of an odd number of values; the upper of the two middle ones of an even number. */
export const median = (values: number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** The least and the greatest value, as `3.1 to 4.0`. */
export const spread = (values: number[], digits = 1) =>
  `${Math.min(...values).toFixed(digits)} to ${Math.max(...values).toFixed(digits)}`;

/**
 * Milliseconds that a process has been on a processor, whatever else keeps the machine busy. Linux alone
 * tells: its first field is in nanoseconds.
 */
export const processorTime = (pid: number) =>
  Number(readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ")[0]) / 1e6;

/** Seconds that an action takes. */
export async function seconds(act: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await act();
  return (performance.now() - start) / 1000;
}

/**
 * A table in Markdown, with its columns padded as prettier does.
 * @param rows cells by row; the first row is the heading
 * @param numeric columns that are aligned to the right
 */
export function markdownTable(rows: string[][], numeric: number[] = []): string {
  const widths = rows[0].map((_, column) => Math.max(3, ...rows.map((row) => row[column].length)));
  const pad = (cell: string, at: number) =>
    numeric.includes(at) ? cell.padStart(widths[at]) : cell.padEnd(widths[at]);
  const line = (row: string[]) => `| ${row.map(pad).join(" | ")} |`;
  const rule = widths.map((width, at) =>
    numeric.includes(at) ? `${"-".repeat(width - 1)}:` : "-".repeat(width),
  );
  return [line(rows[0]), line(rule), ...rows.slice(1).map(line)].join("\n");
}
