import type { Catalogue, Column, Table } from "../schema/catalogue";
import { type TypedColumn, typeOf } from "./column-types";
import { allowedValues, type Default, parseDefault } from "./expressions";
import { pascalCase, singular } from "./names";

/** The values that a check allows in one or more columns: a union in TypeScript, an enum in Kotlin. */
export interface ValueType {
  name: string;
  values: string[];
  /** Columns that hold them, for example "invoices.currency". */
  columns: string[];
}

export interface ColumnModel extends Omit<Column, "type" | "default">, TypedColumn {
  values?: ValueType;
  /** The default as SQL and as what it is. */
  default?: Default & { sql: string };
  /** When a trigger writes the column: on every update, or on an insert that gives no value. */
  trigger?: "update" | "insert";
}

export interface TableModel extends Pick<Table, "name" | "comment" | "primaryKey"> {
  /** Name of one row: User for users. */
  entity: string;
  columns: ColumnModel[];
}

/** A database as its TypeScript and Kotlin types need it. */
export interface DatabaseModel {
  database: string;
  tables: TableModel[];
  valueTypes: ValueType[];
}

/** Columns that a trigger writes, by its function. The catalogue does not tell what a function writes. */
const TRIGGERS: Readonly<Record<string, { column: string; on: ColumnModel["trigger"] }>> = {
  update_updated_at_column: { column: "updated_at", on: "update" },
  generate_invoice_number: { column: "invoice_number", on: "insert" },
};

/** Columns whose name says nothing without the table's. */
const GENERIC_NAMES = new Set(["status", "type"]);

export async function toModel(database: string, { tables }: Catalogue): Promise<DatabaseModel> {
  const entities = tables.map(({ name }) => pascalCase(singular(name)));
  const valueTypes = nameValues((await Promise.all(tables.map(checkedColumns))).flat(), entities);
  return {
    database,
    valueTypes,
    tables: await Promise.all(
      tables.map(async (table) => ({
        name: table.name,
        comment: table.comment,
        primaryKey: table.primaryKey,
        entity: pascalCase(singular(table.name)),
        columns: await Promise.all(
          table.columns.map((column) => toColumn(table, column, valueTypes)),
        ),
      })),
    ),
  };
}

interface CheckedColumn {
  table: string;
  column: string;
  values: string[];
}

/** The text columns of a table whose values a check lists. */
async function checkedColumns({ name, columns, constraints }: Table): Promise<CheckedColumn[]> {
  const checks = constraints.filter(({ definition }) => definition.startsWith("CHECK"));
  const found = await Promise.all(checks.map(({ definition }) => allowedValues(definition)));
  const texts = columns.filter(({ type }) => type === "text").map((column) => column.name);
  return found.flatMap((allowed) =>
    allowed && texts.includes(allowed.column) ? [{ table: name, ...allowed }] : [],
  );
}

/**
 * One type per list. It is named after the column, and after the table as well where columns of that name differ, or an
 * entity has that name.
 */
function nameValues(checked: CheckedColumn[], entities: string[]): ValueType[] {
  const types = new Map<string, ValueType>();
  for (const { table, column, values } of checked) {
    const differs = checked.some(
      (other) => other.column === column && `${other.values}` !== `${values}`,
    );
    const taken = entities.includes(pascalCase(column));
    const prefixed = differs || taken || GENERIC_NAMES.has(column);
    const name = pascalCase(prefixed ? `${singular(table)}_${column}` : column);
    const type = types.get(name) ?? { name, values, columns: [] };
    type.columns.push(`${table}.${column}`);
    types.set(name, type);
  }
  return [...types.values()];
}

async function toColumn(
  table: Table,
  { type, default: sql, ...column }: Column,
  valueTypes: ValueType[],
): Promise<ColumnModel> {
  const id = `${table.name}.${column.name}`;
  const trigger = table.triggers
    .map(({ definition }) => TRIGGERS[/EXECUTE FUNCTION (\w+)\(/.exec(definition)?.[1] ?? ""])
    .find((found) => found?.column === column.name);
  return {
    ...column,
    ...typeOf(type, id),
    values: valueTypes.find(({ columns }) => columns.includes(id)),
    default: sql === null ? undefined : { sql, ...(await parseDefault(sql)) },
    trigger: trigger?.on,
  };
}

/** Whether the database always computes the column, so that no statement may write it. */
export const isComputed = ({ generated }: ColumnModel) => generated === "always";

/** Whether an insert may leave the column out. */
export const isOptional = ({ nullable, default: value, trigger, generated }: ColumnModel) =>
  nullable || value !== undefined || trigger === "insert" || generated !== null;

/** Whether an update may change the column. */
export const isChangeable = (table: TableModel, column: ColumnModel) =>
  !isComputed(column) && column.trigger === undefined && !table.primaryKey.includes(column.name);
