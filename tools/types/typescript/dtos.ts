import { docComment } from "../comments";
import type { ResolvedDto } from "../dto-columns";
import { ABSENT, otherRows } from "../dto-comments";
import type { ColumnModel, DatabaseModel } from "../model";
import { camelCase } from "../names";
import { columnTypeImport, uses } from "./imports";

const PROGRESS = ["completedStages", "currentStage", "minutesBetween", "progressPercentage"];

/** The module of the DTOs and of the functions that make them from rows. */
export function dtosModule(dtos: readonly ResolvedDto[], databases: readonly DatabaseModel[]) {
  const body = dtos.flatMap((dto) => [dtoInterface(dto), mapper(dto)]).join("\n");
  const imports = [
    ...databases.map((database) => rowImport(database, body)),
    columnTypeImport(body),
    `import { ${PROGRESS.join(", ")} } from "./progress";\n`,
  ];
  const moduleOf = (line: string) => line.split(" from ")[1];
  return [
    "// Generated from sql/ and tools/types/dtos.ts by `npm run types`. Edit those, not this file.\n",
    ...imports.sort((one, other) => (moduleOf(one) < moduleOf(other) ? -1 : 1)),
    "\n",
    body,
  ].join("");
}

function rowImport({ database, tables, valueTypes }: DatabaseModel, body: string): string {
  const names = [
    ...tables.map(({ entity }) => `${entity}Row`),
    ...valueTypes.map(({ name }) => name),
  ];
  const used = names.filter((name) => uses(body, name)).sort();
  return `import type { ${used.join(", ")} } from "./${database}";\n`;
}

function dtoInterface({ name, comment, fields, computed }: ResolvedDto): string {
  const properties = [
    ...fields.map(
      (column) =>
        docComment([column.comment], "  ") +
        `  ${camelCase(column.name)}${column.nullable ? "?" : ""}: ${typeOf(column)};\n`,
    ),
    ...computed.map(
      (property) =>
        docComment([property.comment], "  ") +
        `  ${property.name}${property.optional ? "?" : ""}: ${property.typescript.type};\n`,
    ),
  ];
  return `${docComment([comment, ABSENT])}export interface ${name} {\n${properties.join("")}}\n`;
}

const typeOf = ({ type, values }: ColumnModel) => values?.name ?? type.typescript;

function mapper({ name, table, row, fields, related, relatedTables, computed }: ResolvedDto) {
  const parameters = [
    `row: ${row.entity}Row`,
    ...related.map(
      ({ parameter }, index) => `${parameter}: readonly ${relatedTables[index].entity}Row[]`,
    ),
  ];
  const properties = [
    ...fields.map(
      (column) =>
        `    ${camelCase(column.name)}: row.${column.name}${column.nullable ? " ?? undefined" : ""},\n`,
    ),
    ...computed.map((property) => `    ${property.name}: ${property.typescript.value},\n`),
  ];
  return (
    docComment([`Makes a ${name} from a row of ${table}${related.map(otherRows).join("")}.`]) +
    `export function to${name}(${parameters.join(", ")}): ${name} {\n` +
    `  return {\n${properties.join("")}  };\n}\n`
  );
}
