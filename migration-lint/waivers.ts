import type { MigrationFile } from "../migrator/files";
import { lineAndColumn } from "../migrator/position";
import type { Finding } from "./finding";

/** `-- squawk-ignore rule, rule -- reason`, in Squawk's own form, which editors know. */
interface Waiver {
  line: number;
  column: number;
  rules: string[];
  reason: string;
  /** Line of the waived findings: the comment's own, or the next one that is not a comment. */
  target: number;
}

/** A finding in a file that was applied before the rule existed and can no longer be edited. */
export interface AcceptedFinding {
  /** Path of the file, from the root of the checkout. */
  file: string;
  rule: string;
  reason: string;
}

/** A rule that a file breaks on purpose, with the author's reason. */
export interface WaivedRule {
  /** Path as a reader can open it. */
  file: string;
  /** From 1; absent where the whole file is excepted. */
  line?: number;
  rule: string;
  reason: string;
}

/** The waivers of a file, in the order of its text, and what is accepted without one. */
export const listWaivers = (
  file: MigrationFile,
  accepted: readonly AcceptedFinding[],
): WaivedRule[] => [
  ...readWaivers(file).waivers.flatMap(({ target: line, rules, reason }) =>
    rules.map((rule) => ({ file: file.path, line, rule, reason })),
  ),
  ...accepted.filter((entry) => entry.file === file.path),
];

const MARK = "squawk-";
const IGNORE = "squawk-ignore";
const FORM = `\`-- ${IGNORE} rule -- reason\``;

/** Removes waived and accepted findings, and adds findings about the waivers themselves. */
export function applyWaivers(
  file: MigrationFile,
  findings: Finding[],
  accepted: readonly AcceptedFinding[],
): Finding[] {
  const { waivers, faults } = readWaivers(file);
  const acceptedHere = accepted.filter((entry) => entry.file === file.path);
  const isWaived = ({ line, rule }: Finding) =>
    acceptedHere.some((entry) => entry.rule === rule) ||
    waivers.some(({ target, rules }) => target === line && rules.includes(rule));
  const reportUnused = (place: { line: number; column: number }, rule: string, where: string) => ({
    file: file.path,
    ...place,
    rule: "unused-waiver",
    message: `There is no finding of ${rule} ${where}; correct or remove the waiver.`,
  });
  return [
    ...findings.filter((finding) => !isWaived(finding)),
    ...faults,
    ...waivers.flatMap(({ line, column, rules, target }) =>
      rules
        .filter((rule) => !findings.some((found) => found.line === target && found.rule === rule))
        .map((rule) => reportUnused({ line, column }, rule, `on line ${target}`)),
    ),
    ...acceptedHere
      .filter(({ rule }) => !findings.some((found) => found.rule === rule))
      .map(({ rule }) =>
        reportUnused(
          { line: 1, column: 1 },
          rule,
          "in this file, but migration-lint/accepted.ts lists one",
        ),
      ),
  ];
}

function readWaivers(file: MigrationFile): { waivers: Waiver[]; faults: Finding[] } {
  const waivers: Waiver[] = [];
  const faults: Finding[] = [];
  const wholeLines = findCommentLines(file.sql, new Set(file.comments.map(({ index }) => index)));

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
    const reason = rest.join("--").trim();
    const message = checkWaiver(mark, rules, reason);
    if (message === undefined) {
      let target = place.line;
      while (wholeLines.has(target)) {
        target += 1;
      }
      waivers.push({ ...place, rules, reason, target });
    } else {
      faults.push({ file: file.path, ...place, rule: "invalid-waiver", message });
    }
  }
  return { waivers, faults };
}

/** Finds the numbers, from 1, of lines that contain only a comment. */
function findCommentLines(sql: string, comments: ReadonlySet<number>): Set<number> {
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

/** Returns why a comment is not a valid waiver; undefined if it is one. */
function checkWaiver(mark: string, rules: string[], reason: string): string | undefined {
  if (mark !== IGNORE) {
    return `\`${mark}\` is not supported; write ${FORM} above each line of a finding.`;
  }
  if (rules.length === 0) {
    return `The waiver names no rule; write ${FORM}.`;
  }
  return reason === "" ? `The waiver has no reason; write ${FORM}.` : undefined;
}
