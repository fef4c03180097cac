/** Which JSON Schemas events may have: those that every registry and generator of types reads the same way. */

/** The newest draft that all registries compare: Apicurio 2.6 knows none that is newer. */
export const DIALECT = "http://json-schema.org/draft-07/schema#";

/** A schema as it lies in a file. */
export type Schema = Readonly<Record<string, unknown>>;

/** Words for people. They may change at any time. */
export const ANNOTATIONS = ["title", "description", "examples"] as const;

const COMMON = ["type", ...ANNOTATIONS, "enum"];

/** Keywords of each type, besides the common ones. There are no references and no alternatives. */
const KEYWORDS: Readonly<Record<string, readonly string[]>> = {
  object: ["properties", "required"],
  array: ["items", "minItems", "maxItems", "uniqueItems"],
  string: ["format", "pattern", "minLength", "maxLength"],
  integer: ["minimum", "maximum"],
  number: ["minimum", "maximum"],
  boolean: [],
};

export const isRecord = (value: unknown): value is Schema =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Faults of a whole schema, each a sentence without the file. */
export function shapeFaults(schema: unknown, type: string): string[] {
  if (!isRecord(schema)) {
    return ["must be a JSON object"];
  }
  const { $schema, ...root } = schema;
  return [
    ...($schema === DIALECT ? [] : [`$schema must be "${DIALECT}"`]),
    ...(root.title === type ? [] : [`title must be "${type}"`]),
    ...(root.type === "object" ? [] : ['type must be "object"']),
    ...faultsAt(root, ""),
  ];
}

/** @param at JSON pointer of the schema, empty for the whole */
function faultsAt(schema: unknown, at: string): string[] {
  const place = at === "" ? "" : `${at}: `;
  if (!isRecord(schema)) {
    return [`${place}must be a schema`];
  }
  const type = schema.type;
  const own =
    typeof type === "string" && Object.hasOwn(KEYWORDS, type) ? KEYWORDS[type] : undefined;
  if (own === undefined) {
    return [`${place}type must be one of ${Object.keys(KEYWORDS).join(", ")}`];
  }
  const unknown = Object.keys(schema).filter((key) => !COMMON.includes(key) && !own.includes(key));
  return [
    ...unknown.map((key) => `${place}${key} is not used in schemas of events (docs/events.md)`),
    ...(typeof schema.description === "string" ? [] : partOf(at)),
    ...(type === "object" ? objectFaults(schema, at) : []),
    ...(type === "array" ? itemFaults(schema, at) : []),
  ];
}

/** The items of an array are described with it. */
const partOf = (at: string) =>
  at.endsWith("/items") ? [] : [`${at === "" ? "" : `${at}: `}description is missing`];

const itemFaults = (schema: Schema, at: string) => faultsAt(schema.items, `${at}/items`);

function objectFaults({ properties = {}, required = [] }: Schema, at: string): string[] {
  const place = at === "" ? "" : `${at}: `;
  if (!isRecord(properties) || !Array.isArray(required)) {
    return [`${place}properties must be an object, and required a list`];
  }
  const names = Object.keys(properties);
  return [
    ...(required as unknown[])
      .filter((name) => !names.includes(String(name)))
      .map((name) => `${place}required names ${String(name)}, which is no property`),
    ...names
      .filter((name) => !/^[a-z][a-zA-Z0-9]*$/.test(name))
      .map((name) => `${place}the property ${name} must be in camelCase`),
    ...names.flatMap((name) => faultsAt(properties[name], `${at}/properties/${name}`)),
  ];
}
