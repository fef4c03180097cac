import { EVENT_TYPES } from "../../../catalog/topics";
import { type EventSchema, type EventSchemas, type Schema } from "../../../event-schemas";
import { docComment } from "../comments";
import { pascalCase } from "../names";

/** The module of what events hold: a type for each, and the newest schemas themselves. */
export function eventDataModule(schemas: EventSchemas): string {
  const newest = EVENT_TYPES.map((type) => schemas[type].at(-1)!);
  return [
    "// Generated from schemas/ by `npm run types`. Edit those, not this file.\n\n",
    'import type { EventType } from "./events";\n\n',
    ...newest.map(dataType),
    "/** What an event holds, by its type. Readers must expect properties that are new. */\n",
    "export interface EventData {\n",
    ...newest.map(({ type }) => `  ${JSON.stringify(type)}: ${nameOf(type)};\n`),
    "}\n\n",
    "/** The newest schema of each event type: JSON Schema, draft 7. */\n",
    "export const EVENT_SCHEMAS = {\n",
    ...newest.map(({ type, text }) => `  ${JSON.stringify(type)}: ${text},\n`),
    "} as const satisfies Record<EventType, object>;\n",
  ].join("");
}

/** `user.role-changed.v1` is `UserRoleChangedV1`. */
const nameOf = (type: string) => pascalCase(type);

const dataType = ({ type, schema }: EventSchema): string =>
  `${docComment([String(schema.description)])}export interface ${nameOf(type)} ${objectType(schema)}\n\n`;

function objectType({ properties = {}, required = [] }: Schema): string {
  const members = Object.entries(properties as Record<string, Schema>).map(([name, schema]) => {
    const comment = docComment([wordsOf(schema)], "  ");
    const mark = (required as string[]).includes(name) ? "" : "?";
    return `${comment}  ${name}${mark}: ${typeText(schema)};\n`;
  });
  return `{\n${members.join("")}}`;
}

const FORMATS: Readonly<Record<string, string>> = {
  uuid: "A UUID.",
  "date-time": "A time in ISO 8601.",
};

const wordsOf = ({ description, format }: Schema) =>
  [description as string | undefined, FORMATS[String(format)]].filter(Boolean).join(" ");

function typeText(schema: Schema): string {
  const { type, items, enum: values } = schema;
  if (Array.isArray(values)) {
    return values.map((value) => JSON.stringify(value)).join(" | ");
  }
  switch (type) {
    case "object":
      return objectType(schema);
    case "array":
      return `readonly (${typeText(items as Schema)})[]`;
    case "integer":
      return "number";
    default:
      return String(type);
  }
}
