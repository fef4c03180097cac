import { pascalCase } from "../names";

const ROOT = "learning.platform.schema";

/** What the generated code uses of libraries and of its own helpers, by simple name. */
const IMPORTS = [
  "com.fasterxml.jackson.annotation.JsonFormat",
  "com.fasterxml.jackson.annotation.JsonInclude",
  "com.fasterxml.jackson.annotation.JsonProperty",
  "com.fasterxml.jackson.annotation.JsonSetter",
  "com.fasterxml.jackson.annotation.JsonValue",
  "com.fasterxml.jackson.annotation.Nulls",
  "jakarta.persistence.Column",
  "jakarta.persistence.Entity",
  "jakarta.persistence.EnumType",
  "jakarta.persistence.Enumerated",
  "jakarta.persistence.Id",
  "jakarta.persistence.Table",
  "java.math.BigDecimal",
  "java.time.Instant",
  "java.time.LocalDate",
  "java.util.UUID",
  "org.hibernate.annotations.ColumnTransformer",
  "org.hibernate.annotations.Generated",
  "org.hibernate.annotations.JdbcTypeCode",
  "org.hibernate.generator.EventType",
  "org.hibernate.type.SqlTypes",
  "tools.jackson.databind.JsonNode",
  `${ROOT}.jsonOf`,
  `${ROOT}.now`,
];

/** Package of a database's entities: learning.platform.schema.userservice for user_service_db. */
export const packageOf = (database: string) =>
  `${ROOT}.${pascalCase(database.replace(/_db$/, "")).toLowerCase()}`;

export const DTO_PACKAGE = `${ROOT}.dto`;
export const EVENTS_PACKAGE = `${ROOT}.events`;

const simpleName = (name: string) => name.split(".").at(-1) as string;

/** Path of a class's file below the module's folder of sources. */
export const fileOf = (packageName: string, className: string) =>
  `${packageName.replaceAll(".", "/")}/${className}.kt`;

/**
 * A file of Kotlin with the imports that its code uses.
 * @param origin what to edit instead of the file
 * @param others full names that the code may use besides the libraries'
 */
export function kotlinFile(
  packageName: string,
  origin: string,
  code: string,
  others: readonly string[] = [],
): string {
  const statements = code.replaceAll(/\/\*\*.*?\*\//gs, "").replaceAll(/"[^"]*"/g, "");
  const names = new Set(statements.match(/(?<![\w.])\w+/g));
  for (const [, declared] of statements.matchAll(/^(?:\w+ )*(?:class|object) (\w+)/gm)) {
    names.delete(declared);
  }
  const used = [...IMPORTS, ...others].filter((name) => names.has(simpleName(name)));
  return [
    `// Generated from ${origin} by \`npm run types\`. Edit that, not this file.`,
    `package ${packageName}\n`,
    ...used.sort().map((name) => `import ${name}`),
    used.length > 0 ? `\n${code}` : code,
  ].join("\n");
}
