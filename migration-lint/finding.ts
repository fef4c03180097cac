/** Something in a migration that a reviewer should know before it runs. */
export interface Finding {
  /** Path as a reader can open it. */
  file: string;
  /** From 1. */
  line: number;
  /** From 1, in characters. */
  column: number;
  /** Name of the rule, as in a waiver. */
  rule: string;
  message: string;
  /** What to do instead. */
  help?: string;
}

/** `path:line:column  rule  message`, and the help on the next line. */
export function formatFinding({ file, line, column, rule, message, help }: Finding): string[] {
  return [
    `${file}:${line}:${column}  ${rule}  ${message}`,
    ...(help === undefined ? [] : [`  help: ${help}`]),
  ];
}

/** The lint could not run; that is not a clean result. */
export class LintError extends Error {
  public override readonly name = "LintError";
}
