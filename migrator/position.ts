/** Line and column, both from 1 and counted in characters as the server does. */
export interface Place {
  line: number;
  column: number;
}

/** The place of a UTF-16 index. */
export function lineAndColumn(sql: string, index: number): Place {
  const before = sql.slice(0, index);
  const lineStart = before.lastIndexOf("\n") + 1;
  return {
    line: before.split("\n").length,
    column: Array.from(before.slice(lineStart)).length + 1,
  };
}

/** The UTF-16 index of the server's error position, which counts characters from 1. */
export function indexOfPosition(sql: string, position: number): number {
  let index = 0;
  for (let character = 1; character < position && index < sql.length; character += 1) {
    index += (sql.codePointAt(index) ?? 0) > 0xffff ? 2 : 1;
  }
  return index;
}

/** Text of a line, counted from 1. */
export const lineAt = (sql: string, line: number): string => sql.split("\n")[line - 1] ?? "";

const SNIPPET_WIDTH = 100;

/** The line of a place, cut to 100 characters, and below it a caret under the column: as psql shows an error. */
export function snippetLines(sql: string, { line, column }: Place): string[] {
  const characters = Array.from(lineAt(sql, line));
  const from = Math.max(0, Math.min(column - SNIPPET_WIDTH / 2, characters.length - SNIPPET_WIDTH));
  const to = from + SNIPPET_WIDTH;
  const lead = from > 0 ? "…" : "";
  const shown = lead + characters.slice(from, to).join("") + (to < characters.length ? "…" : "");
  // A tab stays a tab, so that the caret stands where the tab puts the text.
  const indent = (lead + characters.slice(from, column - 1).join("")).replace(/[^\t]/gu, " ");
  const number = String(line);
  return [`${number} | ${shown}`, `${" ".repeat(number.length)} | ${indent}^`];
}
