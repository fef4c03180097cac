import type { MigrationFile } from "../migrator/files";
import { lineAndColumn } from "../migrator/position";
import type { Finding } from "./finding";

/** `-- squawk-ignore rule, rule -- reason`, in Squawk's own form so that editors know it. */
interface Waiver {
  line: number;
  column: number;
  rules: string[];
  /** Line of the findings that are waived: the comment's own, or the next that is not a comment. */
  target: number;
}

/** A finding that stays because its file was applied before the rule came, and cannot be edited any more. */
export interface AcceptedFinding {
  /** Path of the file, from the root of the checkout. */
  file: string;
  rule: string;
  reason: string;
}

const MARK = "squawk-";
const IGNORE = "squawk-ignore";
const FORM = `\`-- ${IGNORE} rule -- reason\``;

/** Takes away what the file itself waives, and adds what is wrong with its waivers. */
export function waive(
  file: MigrationFile,
  findings: Finding[],
  accepted: readonly AcceptedFinding[],
): Finding[] {
  const { waivers, faults } = readWaivers(file);
  const acceptedHere = accepted.filter((entry) => entry.file === file.path);
  const isWaived = ({ line, rule }: Finding) =>
    acceptedHere.some((entry) => entry.rule === rule) ||
    waivers.some(({ target, rules }) => target === line && rules.includes(rule));
  const unused = (place: { line: number; column: number }, rule: string, where: string) => ({
    file: file.path,
    ...place,
    rule: "unused-waiver",
    message: `There is no finding of ${rule} ${where}; correct the waiver or remove it.`,
  });
  return [
    ...findings.filter((finding) => !isWaived(finding)),
    ...faults,
    ...waivers.flatMap(({ line, column, rules, target }) =>
      rules
        .filter((rule) => !findings.some((found) => found.line === target && found.rule === rule))
        .map((rule) => unused({ line, column }, rule, `on line ${target}`)),
    ),
    ...acceptedHere
      .filter(({ rule }) => !findings.some((found) => found.rule === rule))
      .map(({ rule }) =>
        unused({ line: 1, column: 1 }, rule, "in this file, but lint/accepted.ts names one"),
      ),
  ];
}

function readWaivers(file: MigrationFile): { waivers: Waiver[]; faults: Finding[] } {
  const waivers: Waiver[] = [];
  const faults: Finding[] = [];
  const wholeLines = commentLines(file.sql, new Set(file.comments.map(({ index }) => index)));

  for (const { index, text } of file.comments) {
    const comment = text.trim();
    if (!comment.startsWith(MARK)) {
      continue;
    }
    const [head = "", ...rest] = comment.split("--");
    const [mark = "", ...names] = head.trim().split(" ");
    const rules = names
      .join(" ")
      .split(",")
      .map((name) => name.trim())
      .filter(Boolean);
    const place = lineAndColumn(file.sql, index);
    const message = waiverFault(mark, rules, rest.join("--").trim());
    if (message === undefined) {
      let target = place.line;
      while (wholeLines.has(target)) {
        target += 1;
      }
      waivers.push({ ...place, rules, target });
    } else {
      faults.push({ file: file.path, ...place, rule: "invalid-waiver", message });
    }
  }
  return { waivers, faults };
}

/** Numbers, from 1, of the lines that hold nothing but a comment. */
function commentLines(sql: string, comments: ReadonlySet<number>): Set<number> {
  const found = new Set<number>();
  let start = 0;
  sql.split("\n").forEach((line, at) => {
    if (comments.has(start + line.length - line.trimStart().length)) {
      found.add(at + 1);
    }
    start += line.length + 1;
  });
  return found;
}

/** Why a comment waives nothing. */
function waiverFault(mark: string, rules: string[], reason: string): string | undefined {
  if (mark !== IGNORE) {
    return `\`${mark}\` is not taken here; write ${FORM} above each line that a finding names.`;
  }
  if (rules.length === 0) {
    return `It names no rule, and so waives nothing; write ${FORM}.`;
  }
  return reason === "" ? `It says no reason, and so waives nothing; write ${FORM}.` : undefined;
}
