import type { Catalogue, Definition, ForeignKey, Table } from "../schema/catalogue";

const NOTE = "<!-- Generated from sql/ by `npm run docs:schema`. Edit the SQL, not this file. -->";

/** The reference of a database: a diagram of its tables, then each table, then the functions. */
export function toMarkdown(database: string, catalogue: Catalogue): string {
  const { tables, foreignKeys, functions } = catalogue;
  const parts = [
    `# ${database}`,
    NOTE,
    diagram(tables, foreignKeys),
    ...tables.map(tableSection),
    "## Functions",
    ...functions.flatMap(({ signature, returns, comment }) => [
      `### ${signature.replace(/\(.*/, "")}`,
      code("sql", `${signature} returns ${returns}`),
      comment ?? "",
    ]),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function diagram(tables: Table[], foreignKeys: ForeignKey[]): string {
  const entities = tables.flatMap(({ name, columns, primaryKey, uniqueColumns }) => [
    `  ${name} {`,
    ...columns.map((column) => {
      const keys = [
        primaryKey.includes(column.name) && "PK",
        foreignKeys.some((key) => key.table === name && key.column === column.name) && "FK",
        uniqueColumns.includes(column.name) && "UK",
      ].filter(Boolean);
      return `    ${diagramType(column.type)} ${column.name} ${keys.join(", ")}`.trimEnd();
    }),
    "  }",
  ]);
  const relations = foreignKeys.map(
    ({ table, column, references, nullable, unique }) =>
      `  ${references} ${nullable ? "|o" : "||"}--${unique ? "o|" : "o{"} ${table} : ${column}`,
  );
  return code("mermaid", ["erDiagram", ...entities, ...relations].join("\n"));
}

/** Mermaid requires one word without a comma. */
const diagramType = (type: string) =>
  shortType(type)
    .replace(/\(.*\)/, "")
    .replaceAll(" ", "_");

const shortType = (type: string) => type.replace("timestamp with time zone", "timestamptz");

function tableSection(table: Table): string {
  const rows = table.columns.map(({ name, type, nullable, default: value, comment }) =>
    row([
      `\`${name}\``,
      shortType(type),
      nullable ? "yes" : "",
      value === null ? "" : `\`${value}\``,
      comment ?? "",
    ]),
  );
  return [
    `## ${table.name}`,
    table.comment ?? "",
    [
      row(["column", "type", "null", "default", "meaning"]),
      row(Array(5).fill("---")),
      ...rows,
    ].join("\n"),
    list("Constraints", table.constraints),
    list("Indexes", table.indexes.map(short)),
    list("Triggers", table.triggers.map(short)),
    table.options.length > 0 ? `Storage: \`${table.options.join(", ")}\`` : "",
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

/** Removes the name and the table of an index or trigger, which the page already shows. */
const short = ({ name, definition }: Definition): Definition => ({
  name,
  definition: definition
    .replace(new RegExp(`^CREATE (UNIQUE )?(INDEX|TRIGGER) ${name} `), "$1")
    .replace(/\bON (public\.)?\w+ /, ""),
});

const list = (title: string, items: Definition[]) =>
  items.length === 0
    ? ""
    : [
        `${title}:\n`,
        ...items.map(({ name, definition }) => `- \`${name}\`: \`${definition}\``),
      ].join("\n");

const row = (cells: string[]) =>
  `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;

const code = (language: string, text: string) => `\`\`\`${language}\n${text}\n\`\`\``;
