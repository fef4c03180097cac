import { table } from "../../cli/terminal/table";
import type { Part } from "./parts";
import type { Result, Row, TestOutcome } from "./row";

export interface Judged {
  row: Pick<Row, "id" | "what" | "parts">;
  result: Result;
}

export interface Report {
  parts: Part[];
  judged: Judged[];
  outcomes: TestOutcome[];
}

/** 0: every row is ok on real parts. 1: something differs. 2: a row is open, or a part is a stand-in. */
export type ExitCode = 0 | 1 | 2;

export function conclusion({ parts, judged, outcomes }: Report): { code: ExitCode; text: string } {
  const differs = judged.filter(({ result }) => result.verdict === "differs").length;
  const failed = outcomes.filter(({ state }) => state === "failed").length;
  const open = judged.filter(({ result }) => result.verdict === "could not tell").length;
  const standIns = parts.filter(({ standIn }) => standIn !== undefined).length;
  const counts = [
    [differs, "rows differ"],
    [failed, "tests failed"],
    [open, "rows could not be checked"],
    [standIns, "parts are STAND-INS"],
  ] as const;
  const found = counts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  if (differs + failed > 0) {
    return { code: 1, text: `NOT VERIFIED: ${found.join(", ")}` };
  }
  // Without a row or a passed test, nothing is proven.
  if (judged.length === 0 || !outcomes.some(({ state }) => state === "passed")) {
    return { code: 2, text: "NOT VERIFIED: nothing was run" };
  }
  return open + standIns > 0
    ? { code: 2, text: `NOT VERIFIED: ${found.join(", ")}` }
    : { code: 0, text: `VERIFIED: ${judged.length} rows on the real images and plugins` };
}

const loud = ({ standIn }: Part) => (standIn === undefined ? "real" : `STAND-IN: ${standIn}`);

/** Says whether a row was checked on real parts only. */
function seenOn({ parts: needed }: Judged["row"], parts: Part[]): string {
  const standIns = needed.filter((name) =>
    parts.some((part) => part.name === name && part.standIn !== undefined),
  );
  return standIns.length === 0 ? "real" : `STAND-IN ${standIns.join(", ")}`;
}

const PART_HEAD = ["part", "version", "real or not"];
const ROW_HEAD = ["row", "result", "checked on", "answer"];

const partRows = ({ parts }: Report) =>
  parts.map((part) => [
    part.title,
    part.version,
    part.name === "machine" || part.name === "engine" ? "" : loud(part),
  ]);

const judgedRows = ({ judged, parts }: Report) =>
  judged.map(({ row, result }) => [row.what, result.verdict, seenOn(row, parts), result.seen]);

const failures = ({ outcomes }: Report) =>
  outcomes
    .filter(({ state }) => state === "failed")
    .map(({ file, fullTitle, message }) => `${file}: ${fullTitle}: ${message ?? "failed"}`);

const suiteLine = ({ outcomes }: Report) => {
  const count = (wanted: TestOutcome["state"]) =>
    outcomes.filter(({ state }) => state === wanted).length;
  return `e2e: ${count("passed")} passed, ${count("failed")} failed, ${count("skipped")} skipped`;
};

/** For a terminal. */
export function plainReport(report: Report): string {
  return [
    ...table(PART_HEAD, partRows(report)),
    "",
    // The answer has its own line, because it may be long.
    ...judgedRows(report).flatMap(([what, verdict, on, seen]) => [
      `${verdict.padEnd(14)}  ${what}  [${on}]`,
      `                  ${seen.replaceAll("\n", "\n                  ")}`,
    ]),
    "",
    ...failures(report),
    suiteLine(report),
    conclusion(report).text,
    "",
  ].join("\n");
}

/** For an issue or a pull request. */
export function markdownReport(report: Report): string {
  const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll("\n", " ");
  const markdown = (head: string[], rows: string[][]) =>
    [head, head.map(() => "---"), ...rows].map((row) => `| ${row.map(cell).join(" | ")} |`);
  return [
    `# ${conclusion(report).text}`,
    "",
    ...markdown(PART_HEAD, partRows(report)),
    "",
    ...markdown(ROW_HEAD, judgedRows(report)),
    "",
    suiteLine(report),
    ...failures(report).map((line) => `- ${line}`),
    "",
  ].join("\n");
}
