/** What client/src/schema/column-types.ts exports for the generated modules. */
const EXPORTS = [
  "Bigint",
  "CalendarDate",
  "Inet",
  "Insert",
  "Numeric",
  "Timestamp",
  "Tsvector",
  "Update",
  "Uuid",
];

/** Whether a module's code uses a type, outside of comments and strings. */
export function uses(code: string, name: string): boolean {
  const statements = code.replaceAll(/\/\*\*.*?\*\//gs, "").replaceAll(/"[^"]*"/g, "");
  return new RegExp(`(?<![.\\w])${name}\\b`).test(statements);
}

/** The import of those column types that a module uses. */
export function columnTypeImport(code: string): string {
  const used = EXPORTS.filter((name) => uses(code, name));
  return `import type { ${used.join(", ")} } from "./column-types";\n`;
}
