/**
 * `npm run lint:workflows`: actionlint and zizmor on .github. A check that cannot run here is named, and is no failure.
 */
import { spawnSync } from "node:child_process";

import { ROOT } from "../../cli/paths";
import { ACTIONLINT, ensureTool, type Tool, ZIZMOR } from "./tools";

// Without shellcheck and pyflakes, which actionlint would take from the machine: the result is the same everywhere.
const CHECKS: [tool: Tool, args: string[]][] = [
  [ACTIONLINT, ["-shellcheck=", "-pyflakes="]],
  [ZIZMOR, ["--offline", "--quiet", "--no-progress", ".github"]],
];

let failed = false;
for (const [tool, args] of CHECKS) {
  const found = ensureTool(tool);
  if ("missing" in found) {
    console.log(`Workflows are not checked by ${tool.name} ${tool.version} (${found.missing}).`);
    continue;
  }
  const { status } = spawnSync(found.path, args, { cwd: ROOT, stdio: "inherit" });
  failed ||= status !== 0;
}
process.exitCode = failed ? 1 : 0;
