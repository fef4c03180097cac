import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";

import { withGenerated } from "../generated";

const ROOT = path.resolve(__dirname, "../..");

export const DOCUMENT = path.join(ROOT, "docs/architecture.md");

interface Drawing {
  title: string;
  /** Files and folders that depcruise reads, from the root. */
  read: string[];
  /** What the drawing shows, as a regular expression of paths. */
  shown: string;
  /** Start of the paths that one box stands for, as a regular expression. */
  collapsed: string;
}

const DRAWINGS: Drawing[] = [
  {
    title: "The program",
    read: [
      "*.ts",
      ...["catalog", "certificates", "cli", "client", "components", "contract"],
      ...["event-schemas", "migration-lint", "migrator", "monitoring", "policy", "runtime"],
    ],
    shown:
      "^(index|program|config|catalog|certificates|cli|client|components|contract|event-schemas|migration-lint|migrator|monitoring|policy|runtime)",
    // Files at the root and right below components/ have boxes of their own.
    collapsed: "^(components/[a-z]+|(?!components/)[^/.]+)(?=/)",
  },
  {
    title: "The cli",
    read: ["cli"],
    shown: "^cli/[a-z]+/",
    collapsed: "^cli/[a-z]+(?=/)",
  },
];

/** The document with its drawings as the imports are now. */
export function drawArchitecture(): Promise<string> {
  const drawings = DRAWINGS.map((drawing) => `### ${drawing.title}\n\n${draw(drawing)}`);
  return withGenerated(readFileSync(DOCUMENT, "utf8"), drawings.join("\n\n"));
}

/** Folders with their imports of each other, as a Mermaid flow chart by dependency-cruiser. */
function draw({ read, shown, collapsed }: Drawing): string {
  const chart = execFileSync(
    path.join(ROOT, "node_modules/.bin/depcruise"),
    [
      ...read,
      ...["--include-only", shown],
      ...["--collapse", collapsed],
      ...["--output-type", "mermaid"],
    ],
    { cwd: ROOT, encoding: "utf8" },
  );
  const lines = chart.trim().split("\n");
  const isArrow = (line: string) => line.includes("-->");
  // The order of the arrows follows that of imports in files, which changes without a change of the drawing.
  const sorted = [...lines.filter((line) => !isArrow(line)), ...lines.filter(isArrow).sort()];
  return `\`\`\`mermaid\n${sorted.join("\n")}\n\`\`\``;
}
