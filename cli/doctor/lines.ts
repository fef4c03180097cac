import type { Finding } from "./finding";

/** One line for each finding, with what to do below it. */
export function findingLines(findings: readonly Finding[]): string[] {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const indent = " ".repeat(LEVEL_WIDTH + width + 4);
  return findings.flatMap(({ check, level, text, remedy, fix }) => [
    `${level.padEnd(LEVEL_WIDTH)}  ${check.padEnd(width)}  ${text}`,
    ...(remedy ?? "")
      .split("\n")
      .filter(Boolean)
      .map((line) => `${indent}${line}`),
    ...(fix ? [`${indent}Or: npm run doctor -- --fix`] : []),
  ]);
}

const LEVEL_WIDTH = "warning".length;

/** The last line. */
export function summary(findings: readonly Finding[]): string {
  const count = (level: Finding["level"]) =>
    findings.filter((finding) => finding.level === level).length;
  return `${count("ok")} ok, ${count("warning")} warnings, ${count("fault")} faults`;
}
