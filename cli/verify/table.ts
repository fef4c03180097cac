import { table } from "../terminal/table";
import type { Line, Report } from "./report";

/** The whole report for a terminal. What is wrong or unknown is repeated at its end, where a person looks first. */
export function tableReport({ stack, counts, lines }: Report): string[] {
  const rows = lines.map((line) => [line.area, line.verdict, line.what, shortened(textOf(line))]);
  return [
    ...table(["area", "verdict", "what", "found"], rows),
    ...listed("Wrong:", lines, "wrong"),
    ...listed("Could not tell:", lines, "unknown"),
    "",
    `Stack ${stack}: ${counts.right} right, ${counts.wrong} wrong, ${counts.unknown} unknown`,
  ];
}

function listed(title: string, lines: readonly Line[], verdict: Line["verdict"]): string[] {
  const own = lines.filter((line) => line.verdict === verdict);
  return own.length === 0
    ? []
    : ["", title, ...own.map((line) => `  ${line.area}: ${line.what}: ${textOf(line)}`)];
}

/** An answer of a server may have several lines. */
const textOf = ({ found, expected }: Line): string =>
  (expected === undefined ? found : `${found}, should be ${expected}`).replace(/\s+/g, " ");

const LONGEST_CELL = 80;

const shortened = (text: string) =>
  text.length > LONGEST_CELL ? `${text.slice(0, LONGEST_CELL - 1)}…` : text;
