import { type Row, type TestCheck, wanted } from "./row";

const START = "<!-- Rows: made from tools/verify-real/rows.ts by `npm run docs:verification`. -->";
const END = "<!-- End of the rows. -->";

const PARTS = { console: "Console", plugins: "plugins", postgres: "PostgreSQL", redis: "Redis" };

const inTests = ({ file, titles }: TestCheck) =>
  titles ? `\`${file}\` (${titles.map((title) => `"${title}"`).join(", ")})` : `\`${file}\``;

function how(check: Row["checks"][number]): string {
  switch (check.kind) {
    case "up":
      return "`npm run up` on a new stack";
    case "tests":
      return inTests(check);
    case "probe": {
      const text = wanted(check.expected);
      return `${check.command}: ${text.length > 60 ? "the list in rows.ts" : `\`${text}\``}`;
    }
  }
}

const partsOf = ({ parts }: Row) =>
  parts.map((part) => ({ ...PARTS, redpanda: "Redpanda" })[part]).join(", ");

/** The rows as a table of docs/verification.md, with the marks around it. */
export function rowsTable(rows: readonly Row[]): string {
  const cells = rows.map((row) =>
    [row.what, partsOf(row), row.checks.map(how).join("; ")].map((text) =>
      text.replaceAll("|", "\\|"),
    ),
  );
  const lines = [["what", "of", "how it is looked at, and what must be seen"], ...cells];
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const line = (texts: string[]) =>
    `| ${texts.map((text, column) => text.padEnd(widths[column])).join(" | ")} |`;
  const rule = line(widths.map((width) => "-".repeat(width)));
  const [head, ...rest] = lines.map(line);
  return [START, "", head, rule, ...rest, "", END].join("\n");
}

/** The document with today's rows in place of those between the marks. */
export function withRows(document: string, rows: readonly Row[]): string {
  const from = document.indexOf(START);
  const to = document.indexOf(END);
  if (from < 0 || to < 0) {
    throw new Error("docs/verification.md lacks the marks around its rows");
  }
  return document.slice(0, from) + rowsTable(rows) + document.slice(to + END.length);
}
