/** A page of docs as a script that does what the page says. */

/** Blocks that do something. Those in other languages only show something. */
const BLOCK = /^```(sh|diff)\n([\s\S]*?)^```$/gm;

/**
 * @param page text of a page
 * @returns a script for bash, which stops at the first command that fails: commands as they are, and changes of files as
 *   patches that git applies
 * @throws Error where the page has nothing to do
 */
export function scriptOf(page: string): string {
  const steps = [...page.matchAll(BLOCK)].map(([, language, text]) =>
    language === "sh" ? text : `git apply --verbose - <<'END OF PATCH'\n${text}END OF PATCH\n`,
  );
  if (steps.length === 0) {
    throw new Error("The page has nothing to do.");
  }
  return `set -euo pipefail\n${steps.join("")}`;
}

/** @returns the page without some of its sections of the second level, by their headings */
export function withoutSections(page: string, headings: string[]): string {
  const sections = page.split(/^(?=## )/m);
  const isLeftOut = (section: string) =>
    headings.some((heading) => section.startsWith(`## ${heading}\n`));
  const missing = headings.filter((heading) => !page.includes(`\n## ${heading}\n`));
  if (missing.length > 0) {
    throw new Error(`The page has no section ${missing.join(", ")}.`);
  }
  return sections.filter((section) => !isLeftOut(section)).join("");
}
