import { FaultError } from "../../cli/fault";

/** What a column type of PostgreSQL is in TypeScript and Kotlin. docs/schema/types.md explains the choices. */
export interface ColumnType {
  typescript: string;
  kotlin: string;
  /** Annotations of Jackson and Hibernate that the type needs in an entity. */
  entityAnnotations: readonly string[];
  /** Those that it needs besides where the column may be null. */
  nullableAnnotations?: readonly string[];
  /** Annotations of Jackson that the type needs in a DTO. */
  dtoAnnotations: readonly string[];
  /** Set where Hibernate would not guess the column's type: it then checks this name. */
  columnDefinition?: string;
  /** A constant default in Kotlin. Without it, Kotlin must be given a value. */
  constant?: (text: string, scale: number) => string;
}

const plain = { entityAnnotations: [], dtoAnnotations: [] };

// JavaScript reads a JSON number as a double, which has neither all digits of a bigint nor the scale of a numeric.
const AS_TEXT = ["@param:JsonFormat(shape = JsonFormat.Shape.STRING)"];
const asText = { entityAnnotations: AS_TEXT, dtoAnnotations: AS_TEXT };

/** A type that travels as its text. PostgreSQL converts a varchar to none of them by itself. */
const text = (name: string) => ({
  kotlin: "String",
  entityAnnotations: [`@ColumnTransformer(write = "?::${name}")`],
  dtoAnnotations: [],
  columnDefinition: name,
});

const COLUMN_TYPES: Readonly<Record<string, ColumnType>> = {
  uuid: { ...plain, typescript: "Uuid", kotlin: "UUID" },
  text: { ...plain, typescript: "string", kotlin: "String", constant: kotlinString },
  boolean: { ...plain, typescript: "boolean", kotlin: "Boolean", constant: (value) => value },
  integer: { ...plain, typescript: "number", kotlin: "Int", constant: (value) => value },
  bigint: { ...asText, typescript: "Bigint", kotlin: "Long", constant: (value) => `${value}L` },
  numeric: {
    ...asText,
    typescript: "Numeric",
    kotlin: "BigDecimal",
    constant: (value, scale) => `BigDecimal("${withScale(value, scale)}")`,
  },
  "timestamp with time zone": { ...plain, typescript: "Timestamp", kotlin: "Instant" },
  date: { ...plain, typescript: "CalendarDate", kotlin: "LocalDate" },
  jsonb: {
    ...plain,
    typescript: "unknown",
    kotlin: "JsonNode",
    entityAnnotations: ["@JdbcTypeCode(SqlTypes.JSON)"],
    // Jackson would make a NullNode of it, which Hibernate writes as JSON's null.
    nullableAnnotations: ["@param:JsonSetter(nulls = Nulls.SKIP)"],
    constant: (value) => `jsonOf(${kotlinString(value)})`,
  },
  inet: { ...text("inet"), typescript: "Inet" },
  tsvector: { ...text("tsvector"), typescript: "Tsvector" },
};

/** A column's type with the numbers in its brackets, for example numeric(12,2). */
export interface TypedColumn {
  type: ColumnType;
  precision?: number;
  scale?: number;
}

/**
 * @param type as format_type gives it
 * @param column named in the error, for example "invoices.amount_usd"
 * @throws FaultError for a type without a counterpart
 */
export function typeOf(type: string, column: string): TypedColumn {
  const [, name, precision, scale] = /^(.+?)(?:\((\d+)(?:,(\d+))?\))?$/.exec(type) as string[];
  const known = COLUMN_TYPES[name];
  if (!known) {
    throw new FaultError([
      `${column} has the type ${type}, which has no counterpart in TypeScript and Kotlin yet. ` +
        "Add it to tools/types/column-types.ts and docs/schema/types.md.",
    ]);
  }
  return precision === undefined
    ? { type: known }
    : { type: known, precision: Number(precision), scale: Number(scale ?? 0) };
}

/** A string literal of Kotlin. */
export function kotlinString(value: string): string {
  return JSON.stringify(value).replaceAll("$", "\\$");
}

/** The number as the column stores it: 0 is 0.00 with a scale of 2. */
function withScale(value: string, scale: number): string {
  const [whole, fraction = ""] = value.split(".");
  const digits = fraction.padEnd(scale, "0");
  return digits === "" ? whole : `${whole}.${digits}`;
}
