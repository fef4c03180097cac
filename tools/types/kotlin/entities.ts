import { kotlinString } from "../column-types";
import { docComment } from "../comments";
import {
  type ColumnModel,
  type DatabaseModel,
  isChangeable,
  isComputed,
  type TableModel,
  type ValueType,
} from "../model";
import { camelCase } from "../names";
import { fileOf, kotlinFile, packageOf } from "./source";

const INDENT = "    ";

/** The files of a database by path: an entity for each table and an enum class for each list of values. */
export function entityFiles({ database, tables, valueTypes }: DatabaseModel): [string, string][] {
  const packageName = packageOf(database);
  const file = (name: string, code: string): [string, string] => [
    fileOf(packageName, name),
    kotlinFile(packageName, `sql/${database}`, code),
  ];
  return [
    ...valueTypes.map((type) => file(type.name, enumClass(type))),
    ...tables.map((table) => file(table.entity, entity(table))),
  ];
}

function enumClass({ name, values, columns }: ValueType): string {
  return [
    docComment([`Values of ${columns.join(", ")}.`]),
    `enum class ${name} {\n`,
    ...values.map((value) => `${INDENT}${constantOf(value)},\n`),
    "}\n",
  ].join("");
}

/** The constant with exactly the value as its name, in backticks where that is no identifier. */
const constantOf = (value: string) => (/^[A-Za-z_]\w*$/.test(value) ? value : `\`${value}\``);

function entity(table: TableModel): string {
  const { name, entity, comment, columns, primaryKey } = table;
  const key = primaryKey.map((column) => `$${camelCase(column)}`).join(", ");
  return [
    docComment([comment, `A row of ${name}.`]),
    "@Entity\n",
    `@Table(name = ${kotlinString(name)})\n`,
    `data class ${entity}(\n`,
    columns.map((column) => property(table, column)).join("\n"),
    ") {\n",
    docComment(["Names the row only, so that no log shows what it holds."], INDENT),
    `${INDENT}override fun toString() = "${entity}(${key})"\n`,
    "}\n",
  ].join("");
}

function property(table: TableModel, column: ColumnModel): string {
  const { name, comment, type, values, nullable } = column;
  const annotations = [
    table.primaryKey.includes(name) && "@Id",
    columnAnnotation(table, column),
    values && "@Enumerated(EnumType.STRING)",
    generatedAnnotation(column),
    ...type.entityAnnotations,
    ...(nullable ? (type.nullableAnnotations ?? []) : []),
    `@param:JsonProperty(${kotlinString(name)})`,
  ].filter(Boolean);
  const keyword = isChangeable(table, column) ? "var" : "val";
  const kotlinType = `${values?.name ?? type.kotlin}${nullable || isComputed(column) ? "?" : ""}`;
  const initial = initialValue(column);
  return [
    docComment([comment], INDENT),
    ...annotations.map((annotation) => `${INDENT}${annotation}\n`),
    `${INDENT}${keyword} ${camelCase(name)}: ${kotlinType}${initial ? ` = ${initial}` : ""},\n`,
  ].join("");
}

function columnAnnotation(table: TableModel, column: ColumnModel): string {
  const { name, nullable, type, precision, scale, trigger } = column;
  const settings = [
    `name = ${kotlinString(name)}`,
    !nullable && "nullable = false",
    precision !== undefined && `precision = ${precision}, scale = ${scale}`,
    type.columnDefinition && `columnDefinition = ${kotlinString(type.columnDefinition)}`,
    (isComputed(column) || trigger === "update") && "insertable = false",
    !isChangeable(table, column) && "updatable = false",
  ].filter(Boolean);
  return `@Column(${settings.join(", ")})`;
}

/** Hibernate reads the column back where the database writes it. */
function generatedAnnotation(column: ColumnModel): string | false {
  if (column.trigger === "insert") {
    return "@Generated(event = [EventType.INSERT], writable = true)";
  }
  return (
    (isComputed(column) || column.trigger === "update") &&
    "@Generated(event = [EventType.INSERT, EventType.UPDATE])"
  );
}

/** The value of a new row in Kotlin, as the database would set it; undefined where the caller must give one. */
function initialValue(column: ColumnModel): string | undefined {
  const { default: value, type, values, scale = 0, nullable, trigger } = column;
  if (isComputed(column)) {
    return "null";
  }
  if (trigger === "insert") {
    return '""'; // The trigger counts a blank text as none.
  }
  switch (value?.kind) {
    case "call":
      return CALLS[value.name];
    case "constant":
      return values
        ? `${values.name}.${constantOf(value.text)}`
        : type.constant?.(value.text, scale);
    case "expression":
      return undefined;
    default:
      return nullable ? "null" : undefined;
  }
}

/** Functions of PostgreSQL that defaults call. */
const CALLS: Readonly<Record<string, string>> = {
  gen_random_uuid: "UUID.randomUUID()",
  now: "now()",
};
