import { format } from "prettier";

const START = /<!-- Generated from [^>]+ -->\n/;
const END = "<!-- End of the generated part. -->";

/** A table in Markdown. Its columns are not aligned; Prettier does that. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/**
 * Replaces the generated part of a page, as `npm run format` would leave it.
 * @param page text with one comment `<!-- Generated from ... -->` and one `<!-- End of the generated part. -->`
 * @throws Error if the page has no such comments
 */
export async function withGenerated(page: string, text: string): Promise<string> {
  const start = START.exec(page);
  const end = page.indexOf(END);
  if (!start || end < start.index) {
    throw new Error(`The page has no "<!-- Generated from ... -->" with a "${END}" after it.`);
  }
  const from = start.index + start[0].length;
  return format(`${page.slice(0, from)}\n${text}\n\n${page.slice(end)}`, {
    parser: "markdown",
    printWidth: 100,
  });
}
