/** Changes of a schema, with what registries say at the levels that matter. */
import type { Schema } from "../../../event-schemas";

export interface SchemaCase {
  title: string;
  older: Schema;
  newer: Schema;
  /** Whether new readers read old events, as registries see it. */
  backward: boolean;
  /** Whether old readers read new events. */
  forward: boolean;
  /** Whether the program allows it as a new version. */
  allowed: boolean;
  /** What Redpanda says otherwise, where Apicurio says the above. */
  redpanda?: Partial<Pick<SchemaCase, "backward" | "forward">>;
}

type Properties = Readonly<Record<string, Schema>>;

export const object = (
  properties: Properties,
  required: string[] = [],
  more: Schema = {},
): Schema => ({
  $schema: "http://json-schema.org/draft-07/schema#",
  ...{ title: "test", description: "A test.", type: "object", properties, required },
  ...more,
});

export const text = (more: Schema = {}): Schema => ({ description: "A.", type: "string", ...more });
const integer = (more: Schema = {}): Schema => ({ description: "A.", type: "integer", ...more });
const number = (more: Schema = {}): Schema => ({ description: "A.", type: "number", ...more });
const list = (items: Schema): Schema => ({ description: "A.", type: "array", items });
const inner = (properties: Properties, required: string[] = []): Schema => ({
  ...{ description: "A.", type: "object", properties, required },
});

const both = (before: Schema, after: Schema) => ({
  older: object({ a: before }, ["a"]),
  newer: object({ a: after }, ["a"]),
});
const closed = { additionalProperties: false };

const NEITHER = { backward: false, forward: false, allowed: false };

export const SCHEMA_CASES: readonly SchemaCase[] = [
  {
    title: "other words",
    ...both(text(), text({ description: "B." })),
    backward: true,
    forward: true,
    allowed: true,
  },
  {
    title: "a new optional property",
    ...{ older: object({ a: text() }, ["a"]), newer: object({ a: text(), b: integer() }, ["a"]) },
    ...{ backward: false, forward: true, allowed: true },
    // Redpanda looks only at what the older schema names (json.cc, is_object_properties_superset).
    redpanda: { backward: true },
  },
  {
    title: "a new optional list",
    ...{
      older: object({ a: text() }, ["a"]),
      newer: object({ a: text(), b: list(text()) }, ["a"]),
    },
    ...{ backward: false, forward: true, allowed: true },
    redpanda: { backward: true },
  },
  {
    title: "a new optional property further in",
    ...both(inner({ x: text() }, ["x"]), inner({ x: text(), y: text() }, ["x"])),
    ...{ backward: false, forward: true, allowed: true },
    redpanda: { backward: true },
  },
  {
    title: "a new required property",
    ...{ older: object({ a: text() }, ["a"]), newer: object({ a: text(), b: text() }, ["a", "b"]) },
    ...{ backward: false, forward: true, allowed: false },
    // It compares what is required only of properties that both name (json.cc, is_object_required_superset).
    redpanda: { backward: true },
  },
  {
    title: "an optional property that is gone",
    ...{ older: object({ a: text(), b: text() }, ["a"]), newer: object({ a: text() }, ["a"]) },
    ...{ backward: true, forward: false, allowed: false },
    redpanda: { forward: true },
  },
  {
    title: "a required property that is gone",
    ...{ older: object({ a: text(), b: text() }, ["a", "b"]), newer: object({ a: text() }, ["a"]) },
    ...{ backward: true, forward: false, allowed: false },
    redpanda: { forward: true },
  },
  {
    title: "an optional property that becomes required",
    ...{ older: object({ a: text() }), newer: object({ a: text() }, ["a"]) },
    ...{ backward: false, forward: true, allowed: false },
  },
  {
    title: "a required property that becomes optional",
    ...{ older: object({ a: text() }, ["a"]), newer: object({ a: text() }) },
    ...{ backward: true, forward: false, allowed: false },
  },
  { title: "another type", ...both(text(), integer()), ...NEITHER },
  {
    title: "a wider number",
    ...both(integer(), number()),
    backward: true,
    forward: false,
    allowed: false,
  },
  {
    title: "a narrower number",
    ...both(number(), integer()),
    backward: false,
    forward: true,
    allowed: false,
  },
  {
    title: "one more value",
    ...both(text({ enum: ["X"] }), text({ enum: ["X", "Y"] })),
    ...{ backward: true, forward: false, allowed: false },
  },
  {
    title: "one value less",
    ...both(text({ enum: ["X", "Y"] }), text({ enum: ["X"] })),
    ...{ backward: false, forward: true, allowed: false },
  },
  {
    title: "longer texts",
    ...both(text({ maxLength: 5 }), text({ maxLength: 6 })),
    backward: true,
    forward: false,
    allowed: false,
  },
  {
    title: "a new minimum",
    ...both(integer(), integer({ minimum: 0 })),
    backward: false,
    forward: true,
    allowed: false,
  },
  {
    title: "a lower maximum",
    ...both(number({ maximum: 2 }), number({ maximum: 1 })),
    backward: false,
    forward: true,
    allowed: false,
  },
  {
    title: "another pattern",
    ...both(text({ pattern: "^a" }), text({ pattern: "^b" })),
    ...NEITHER,
  },
  { title: "other items", ...both(list(text()), list(integer())), ...NEITHER },
  {
    title: "an object that allows nothing else from now on",
    ...{ older: object({ a: text() }, ["a"]), newer: object({ a: text() }, ["a"], closed) },
    ...{ backward: false, forward: true, allowed: false },
  },
  {
    title: "a new optional property of an object that allows nothing else",
    ...{
      older: object({ a: text() }, ["a"], closed),
      newer: object({ a: text(), b: text() }, ["a"], closed),
    },
    ...{ backward: true, forward: false, allowed: true },
  },
];
