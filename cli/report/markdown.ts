import { code, prose } from "./escape";
import type { Report, Verdict } from "./facts";
import { fit } from "./limit";
import { sectionsOf } from "./sections";

/**
 * Most characters of a report. GitHub refuses a comment of more than 65,536: "Body is too long (maximum is 65536
 * characters)" (github.com/telia-oss/github-pr-resource/issues/259). The comment needs some for its marker.
 */
export const LONGEST_REPORT = 65_000;

const TITLES: Readonly<Record<Verdict, string>> = {
  failed: "Failed",
  refused: "Refused",
  new: "New stack",
  loss: "Data is lost",
  outage: "Changes with an outage",
  change: "Changes",
  "by hand": "Nothing new, but something was changed by hand",
  incomplete: "Nothing to change where it could be compared",
  nothing: "Nothing to change",
};

/** The report as Markdown of GitHub: the verdict in the first line, and no other line where there is nothing to change. */
export function markdownReport(report: Report, limit = LONGEST_REPORT): string {
  const { verdict, stack, commit } = report;
  const at = commit
    ? `commit ${code(commit.hash.slice(0, 12))}${commit.isEdited ? " with uncommitted changes" : ""}`
    : "no commit";
  const first = `**${TITLES[verdict]}** · stack ${code(stack)} · ${at}`;
  return verdict === "nothing"
    ? `${first}\n`
    : fit([first, ...summary(report)].join("\n\n"), sectionsOf(report), limit);
}

function summary({ counts, unchanged }: Report): string[] {
  const changed = Object.entries(counts).map(([op, count]) => `${count} to ${op}`);
  return changed.length + unchanged > 0
    ? [prose(`${[...changed, `${unchanged} unchanged`].join(", ")}`)]
    : [];
}
