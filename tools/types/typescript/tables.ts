import { docComment } from "../comments";
import {
  type ColumnModel,
  type DatabaseModel,
  isChangeable,
  isComputed,
  isOptional,
  type TableModel,
  type ValueType,
} from "../model";
import { constantCase } from "../names";
import { columnTypeImport } from "./imports";

/** The module of a database: its lists of values, then the types of each table. */
export function tablesModule({ database, tables, valueTypes }: DatabaseModel): string {
  const body = [...valueTypes.map(valueList), ...tables.map(tableTypes)].join("\n");
  return [
    `// Generated from sql/${database} by \`npm run types\`. Edit the SQL, not this file.`,
    columnTypeImport(body),
    body,
  ].join("\n");
}

/** Name of the constant with all values of a type. */
export const valuesName = ({ name }: ValueType) => `${constantCase(name)}_VALUES`;

/** A column's type in a row. */
export function rowType({ type, values, nullable }: ColumnModel): string {
  const name = values?.name ?? type.typescript;
  return nullable && name !== "unknown" ? `${name} | null` : name;
}

function valueList(type: ValueType): string {
  const name = valuesName(type);
  return [
    docComment([`Values of ${type.columns.join(", ")}.`]),
    `export const ${name} = ${JSON.stringify(type.values)} as const;\n`,
    `export type ${type.name} = (typeof ${name})[number];\n`,
  ].join("");
}

function tableTypes(table: TableModel): string {
  const { name, entity, comment, columns } = table;
  const fields = columns.map(
    (column) =>
      docComment([column.comment, column.default && `@default ${column.default.sql}`], "  ") +
      `  ${column.name}: ${rowType(column)};\n`,
  );
  const computed = columns.filter(isComputed);
  const written = columns.filter((column) => !isComputed(column));
  const optional = written.filter(isOptional);
  const fixed = written.filter((column) => !isChangeable(table, column));
  return [
    docComment([comment, `A row of ${name}, as \`select *\` gives it.`]),
    `export interface ${entity}Row {\n${fields.join("")}}\n\n`,
    docComment([`A new row of ${name}. PostgreSQL fills in what is left out.`]),
    `export type ${entity}Insert = Insert<${typeArguments(`${entity}Row`, optional, computed)}>;\n\n`,
    docComment([`Changes of a row of ${name}.`]),
    `export type ${entity}Update = Update<${typeArguments(`${entity}Insert`, fixed)}>;\n`,
  ].join("");
}

/** The arguments of a generic type: a type and the union of some of its columns' names. */
const typeArguments = (type: string, ...lists: ColumnModel[][]) =>
  [type, ...lists.filter((list, index) => index === 0 || list.length > 0).map(union)].join(", ");

const union = (columns: ColumnModel[]) =>
  columns.map(({ name }) => JSON.stringify(name)).join(" | ") || "never";
