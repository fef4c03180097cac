import { code, prose } from "../report/escape";
import type { Line, Report } from "./report";

const VERDICTS = {
  right: "Everything is right",
  wrong: "Something is wrong",
  unknown: "Something could not be told",
} as const;

/** The report as Markdown: the verdict first, then what is not right, then a table for each area. */
export function markdownReport({ stack, verdict, counts, lines }: Report): string {
  const areas = [...new Set(lines.map(({ area }) => area))];
  const others = lines.filter((line) => line.verdict !== "right");
  return (
    [
      `**${VERDICTS[verdict]}** · stack ${code(stack)} · ${counts.right} right, ${counts.wrong} wrong, ${counts.unknown} unknown`,
      ...(others.length === 0 ? [] : [tableOf(others)]),
      ...areas.map((area) => {
        const own = lines.filter((line) => line.area === area);
        return `### ${titleOf(area)}\n\n${tableOf(own)}`;
      }),
      "",
    ]
      .join("\n\n")
      .trimEnd() + "\n"
  );
}

const tableOf = (lines: readonly Line[]): string =>
  [
    "| verdict | what | found | expected |",
    "| ------- | ---- | ----- | -------- |",
    ...lines.map(
      ({ verdict, what, found, expected = "" }) =>
        `| ${verdict} | ${prose(what)} | ${prose(found)} | ${prose(expected)} |`,
    ),
  ].join("\n");

const titleOf = (area: string) => area.charAt(0).toUpperCase() + area.slice(1);
