import { LintError } from "../../migration-lint";
import { lintFolders } from "../migrations/lint";

lintFolders().then(
  ({ lines, failed }) => {
    lines.forEach((line) => console.log(line));
    process.exitCode = failed ? 1 : 0;
  },
  (error: unknown) => {
    console.error(error instanceof LintError ? error.message : error);
    process.exitCode = 1;
  },
);
