import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";

const ROOT = path.resolve(__dirname, "../..");

export const DOCUMENT = path.join(ROOT, "docs/architecture.md");

const BEGIN = "<!-- npm run docs:architecture writes from here -->";
const END = "<!-- to here -->";

/** What the drawing shows: the program and the cli, without tests and tools. */
const SHOWN =
  "^(index|config|catalog|certificates|cli|components|contract|migration-lint|migrator|policy|runtime)";
/** One box a folder; files at the root and right below components/ have boxes of their own. */
const COLLAPSED = "^(components/[a-z]+|(?!components/)[^/.]+)(?=/)";

/** The folders of the project with their imports of each other, as a Mermaid flow chart by dependency-cruiser. */
export function drawImports(): string {
  const folders = SHOWN.slice(2, -1).split("|").slice(2);
  const chart = execFileSync(
    path.join(ROOT, "node_modules/.bin/depcruise"),
    [
      "*.ts",
      ...folders,
      ...["--include-only", SHOWN],
      ...["--collapse", COLLAPSED],
      ...["--output-type", "mermaid"],
    ],
    { cwd: ROOT, encoding: "utf8" },
  );
  return `\`\`\`mermaid\n${chart.trim()}\n\`\`\``;
}

/** The document with its drawing as the imports are now. */
export function architectureDocument(): string {
  const [head, rest] = readFileSync(DOCUMENT, "utf8").split(BEGIN);
  const [, tail] = rest.split(END);
  return `${head}${BEGIN}\n\n${drawImports()}\n\n${END}${tail}`;
}
