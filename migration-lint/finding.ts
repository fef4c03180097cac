/** Something in a migration that a reviewer has to know of before it runs. */
export interface Finding {
  /** Path as a reader can open it. */
  file: string;
  /** From 1. */
  line: number;
  /** From 1, in characters. */
  column: number;
  /** Name of the rule, as a waiver says it. */
  rule: string;
  message: string;
  /** What to do instead. */
  help?: string;
}

/** `path:line:column  rule  message`, and the help on a line of its own. */
export function findingLines({ file, line, column, rule, message, help }: Finding): string[] {
  return [
    `${file}:${line}:${column}  ${rule}  ${message}`,
    ...(help === undefined ? [] : [`  help: ${help}`]),
  ];
}

/** The lint could not do its work, which is not to be taken for a clean result. */
export class LintError extends Error {
  public override readonly name = "LintError";
}
