import { readFileSync } from "node:fs";
import path from "node:path";

import { parse } from "yaml";

import { markdownTable, withGenerated } from "../generated";

const ROOT = path.resolve(__dirname, "../..");

export const PAGE = path.join(ROOT, "docs", "configuration.md");

interface Project {
  config: Record<string, { type: string; default: unknown; description: string }>;
}

/** The text of docs/configuration.md with the keys that Pulumi.yaml has now. */
export function configurationPage(): Promise<string> {
  const project = parse(readFileSync(path.join(ROOT, "Pulumi.yaml"), "utf8")) as Project;
  const rows = Object.entries(project.config).map(([key, entry]) => [
    `\`${key}\``,
    entry.type,
    `\`${JSON.stringify(entry.default)}\``,
    // Outside of code, Markdown would take <stack> for HTML.
    entry.description.replaceAll("<", "\\<"),
  ]);
  const table = markdownTable(["key", "type", "default", "meaning"], rows);
  return withGenerated(readFileSync(PAGE, "utf8"), table);
}
