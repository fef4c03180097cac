/** Line and column, both from 1 and counted in characters as the server does, of a UTF-16 index. */
export function lineAndColumn(sql: string, index: number): { line: number; column: number } {
  const before = sql.slice(0, index);
  const lineStart = before.lastIndexOf("\n") + 1;
  return {
    line: before.split("\n").length,
    column: Array.from(before.slice(lineStart)).length + 1,
  };
}

/** UTF-16 index of the server's error position, which counts characters from 1. */
export function indexOfPosition(sql: string, position: number): number {
  let index = 0;
  for (let character = 1; character < position && index < sql.length; character += 1) {
    index += (sql.codePointAt(index) ?? 0) > 0xffff ? 2 : 1;
  }
  return index;
}
