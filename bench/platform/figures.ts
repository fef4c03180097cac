/** The figures of the platform, and the table that docs/performance.md has of them. */
import { markdownTable, median, spread } from "../measure";

/** What is measured, in the order of the table, with the most that it may be. */
const ROWS = {
  coldUp: { title: "`npm run up` of a new stack", unit: "s", goal: 14 },
  noChangeUp: { title: "`npm run up` without a change", unit: "s", goal: 4.5 },
  preview: { title: "`npm run preview`", unit: "s", goal: 4.5 },
  down: { title: "`npm run down`", unit: "s", goal: 8 },
  setup: { title: "`npm run setup` of a new stack", unit: "s" },
  engineAlone: { title: "`pulumi up --skip-preview` after it", unit: "s" },
  containers: { title: "the same containers by STARTER", unit: "s" },
  containersAndScripts: { title: "these, then scripts for the rest", unit: "s" },
  idle: { title: "a processor's load by a stack that nobody uses", unit: "%" },
  memory: { title: "resident memory of the containers", unit: "MiB" },
} as const satisfies Record<string, { title: string; unit: string; goal?: number }>;

export type Row = keyof typeof ROWS;

/** The values of all rounds that count. A row that was not measured is left out. */
export type Figures = Partial<Record<Row, number[]>>;

/** Quotients of two medians, with the most that they may be. */
const RATIOS: { of: Row; to: Row; title: string; goal?: number }[] = [
  { of: "coldUp", to: "containers", title: "new stack to the containers alone" },
  { of: "coldUp", to: "containersAndScripts", title: "new stack to these and scripts", goal: 2.2 },
];

/** What a figure may be at most, and whether it is. */
export const verdict = (value: number, goal: number | undefined, unit: string): [string, string] =>
  goal === undefined
    ? ["", ""]
    : [`at most ${goal} ${unit}`.trim(), value <= goal ? "reached" : "missed"];

/**
 * The figures as a table in Markdown: medians, least and greatest values, goals.
 * @param starter what made the containers without the platform
 */
export function figuresTable(figures: Figures, starter: string): string {
  const measured = (Object.keys(ROWS) as Row[]).flatMap((row) => {
    const { title, unit, goal }: { title: string; unit: string; goal?: number } = ROWS[row];
    const values = figures[row] ?? [];
    return values.length === 0
      ? []
      : [
          [
            title.replace("STARTER", starter),
            `${median(values).toFixed(1)} ${unit}`,
            spread(values),
            ...verdict(median(values), goal, unit),
          ],
        ];
  });
  const ratios = RATIOS.flatMap(({ of, to, title, goal }) => {
    const [above, below] = [figures[of] ?? [], figures[to] ?? []];
    const ratio = median(above) / median(below);
    return above.length === 0 || below.length === 0
      ? []
      : [[title, ratio.toFixed(2), "", ...verdict(ratio, goal, "")]];
  });
  return markdownTable(
    [["what", "median", "least to greatest", "goal", ""], ...measured, ...ratios],
    [1, 2],
  );
}

export const roundTitle = (round: number) => `round ${round}${round === 0 ? " (not counted)" : ""}`;

/** One round as a line. */
export const roundLine = (round: number, measured: Partial<Record<Row, number>>): string => {
  const parts = Object.entries(measured).map(
    ([row, value]) => `${row} ${value.toFixed(1)} ${ROWS[row as Row].unit}`,
  );
  return `${roundTitle(round)}: ${parts.join(", ")}`;
};
