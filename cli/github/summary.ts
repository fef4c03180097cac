import { appendFileSync, existsSync, statSync } from "node:fs";

/**
 * GitHub drops the whole summary of a step with more (docs.github.com "Workflow commands": "Job summaries are isolated
 * between steps and each step is restricted to a maximum size of 1MiB").
 */
const LONGEST_SUMMARY = 1024 * 1024;

/**
 * Appends a text to the summary of a workflow's step.
 * @returns false where it has no room for the text
 */
export function appendSummary(file: string, text: string): boolean {
  const before = existsSync(file) ? statSync(file).size : 0;
  const more = `${text}\n`;
  if (before + Buffer.byteLength(more) > LONGEST_SUMMARY) {
    return false;
  }
  appendFileSync(file, more);
  return true;
}
