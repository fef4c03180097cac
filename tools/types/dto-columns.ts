import { FaultError } from "../../cli/fault";
import type { Dto } from "./dtos";
import type { ColumnModel, DatabaseModel, TableModel } from "./model";

/** A DTO with the table and the columns that it names. */
export interface ResolvedDto extends Dto {
  row: TableModel;
  fields: ColumnModel[];
  /** The tables of the related rows, in their order. */
  relatedTables: TableModel[];
}

/** @throws FaultError for a table or column that does not exist */
export function resolve(dto: Dto, databases: readonly DatabaseModel[]): ResolvedDto {
  const tableOf = (name: string) =>
    found(
      databases
        .find(({ database }) => database === dto.database)
        ?.tables.find((table) => table.name === name),
      `${dto.name}: ${dto.database} has no table ${name}`,
    );
  const row = tableOf(dto.table);
  const fields =
    dto.columns === "all"
      ? row.columns
      : dto.columns.map((name) =>
          found(
            row.columns.find((column) => column.name === name),
            `${dto.name}: ${dto.table} has no column ${name}`,
          ),
        );
  return { ...dto, row, fields, relatedTables: dto.related.map(({ table }) => tableOf(table)) };
}

function found<T>(value: T | undefined, problem: string): T {
  if (value === undefined) {
    throw new FaultError([`${problem}. Change tools/types/dtos.ts.`]);
  }
  return value;
}
