import { withGenerated } from "../generated";
import { type Row, type TestCheck, wanted } from "./row";

const PARTS = {
  console: "Redpanda Console",
  plugins: "plugins",
  postgres: "PostgreSQL",
  redis: "Redis",
  redpanda: "Redpanda",
};

/** A longer expectation does not fit into a line. */
const LONGEST_EXPECTATION = 60;

const inTests = ({ file, titles }: TestCheck) =>
  titles ? `\`${file}\`: ${titles.map((title) => `"${title}"`).join(", ")}` : `\`${file}\``;

function checkLine(check: Row["checks"][number]): string {
  switch (check.kind) {
    case "up":
      return "`npm run up` on a new stack";
    case "tests":
      return inTests(check);
    case "probe": {
      const text = wanted(check.expected);
      const expected = text.length > LONGEST_EXPECTATION ? "the list in rows.ts" : `\`${text}\``;
      return `${check.command}: expects ${expected}`;
    }
  }
}

/** The rows as a list in Markdown, each with its checks. */
export const rowsList = (rows: readonly Row[]): string =>
  rows
    .map(({ what, parts, checks }) =>
      [
        `- ${what} (${parts.map((part) => PARTS[part]).join(", ")})`,
        ...checks.map((check) => `  - ${checkLine(check)}`),
      ].join("\n"),
    )
    .join("\n");

/** The page with the present rows. */
export const withRows = (page: string, rows: readonly Row[]): Promise<string> =>
  withGenerated(page, rowsList(rows));
