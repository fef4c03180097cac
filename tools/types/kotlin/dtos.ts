import { docComment } from "../comments";
import type { ResolvedDto } from "../dto-columns";
import { ABSENT, otherRows } from "../dto-comments";
import type { ColumnModel, DatabaseModel } from "../model";
import { camelCase } from "../names";
import { DTO_PACKAGE, fileOf, kotlinFile, packageOf } from "./source";

const INDENT = "    ";

/** The file of each DTO by path: its class, and the function that makes it from entities. */
export function dtoFiles(
  dtos: readonly ResolvedDto[],
  databases: readonly DatabaseModel[],
): [string, string][] {
  const schema = databases.flatMap(({ database, tables, valueTypes }) =>
    [...tables.map(({ entity }) => entity), ...valueTypes.map(({ name }) => name)].map(
      (name) => `${packageOf(database)}.${name}`,
    ),
  );
  return dtos.map((dto) => [
    fileOf(DTO_PACKAGE, dto.name),
    kotlinFile(
      DTO_PACKAGE,
      "sql/ and tools/types/dtos.ts",
      `${dtoClass(dto)}\n${mapper(dto)}`,
      schema.filter((name) => name.startsWith(packageOf(dto.database))),
    ),
  ]);
}

function dtoClass({ name, comment, fields, computed }: ResolvedDto): string {
  const properties = [
    ...fields.map((column) =>
      [
        docComment([column.comment], INDENT),
        ...column.type.dtoAnnotations.map((annotation) => `${INDENT}${annotation}\n`),
        property(camelCase(column.name), typeOf(column), column.nullable),
      ].join(""),
    ),
    ...computed.map(
      (extra) =>
        docComment([extra.comment], INDENT) +
        property(extra.name, extra.kotlin.type, extra.optional ?? false),
    ),
  ];
  return [
    docComment([comment, ABSENT]),
    "@JsonInclude(JsonInclude.Include.NON_NULL)\n",
    `data class ${name}(\n${properties.join("")})\n`,
  ].join("");
}

const property = (name: string, type: string, optional: boolean) =>
  `${INDENT}val ${name}: ${type}${optional ? "? = null" : ""},\n`;

const typeOf = ({ type, values }: ColumnModel) => values?.name ?? type.kotlin;

function mapper({
  name,
  table,
  row,
  fields,
  related,
  relatedTables,
  computed,
}: ResolvedDto): string {
  const parameters = related.map(
    ({ parameter }, index) => `${parameter}: List<${relatedTables[index].entity}>`,
  );
  const properties = [
    ...fields.map((column) => [camelCase(column.name), camelCase(column.name)]),
    ...computed.map((extra) => [extra.name, extra.kotlin.value]),
  ].map(([property, value]) => `${INDENT}${property} = ${value},\n`);
  return (
    docComment([`Makes a ${name} from a row of ${table}${related.map(otherRows).join("")}.`]) +
    `fun ${row.entity}.toDto(${parameters.join(", ")}): ${name} = ${name}(\n${properties.join("")})\n`
  );
}
